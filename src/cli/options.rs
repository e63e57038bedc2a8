//! Command-line options, with CPython's letters.

use crate::runtime::config::{Config, Target};

const USAGE: &str = "usage: orochi [option] ... [-c cmd | -m mod | file | -] [arg] ...";

/// Parses the command line; an error or `--help` answers the exit status.
pub fn parse(args: Vec<String>) -> Result<Config, i32> {
    let program = args.first().cloned().unwrap_or_else(|| "orochi".into());
    let mut config = Config { original: args.clone(), ..Config::default() };
    let mut rest = args.into_iter().skip(1);
    let mut first = String::new();
    let mut target = None;
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--help" => {
                println!("{USAGE}");
                return Err(0);
            }
            "--version" => {
                println!("Python 3.14.0 (Orochi)");
                return Err(0);
            }
            "-" => {
                first = "-".into();
                target = Some(Target::Stdin);
                break;
            }
            _ if !arg.starts_with('-') => {
                first = arg.clone();
                target = Some(Target::File(arg));
                break;
            }
            _ => {
                let mut letters = arg[1..].chars();
                while let Some(letter) = letters.next() {
                    let mut value = |name: char| -> Result<String, i32> {
                        let tail: String = letters.by_ref().collect();
                        if !tail.is_empty() {
                            return Ok(tail);
                        }
                        rest.next().ok_or_else(|| {
                            eprintln!("Argument expected for the -{name} option");
                            usage(&program)
                        })
                    };
                    match letter {
                        'c' => {
                            first = "-c".into();
                            target = Some(Target::Command(value('c')? + "\n"));
                        }
                        'm' => {
                            first = "-m".into();
                            target = Some(Target::Module(value('m')?));
                        }
                        'W' => {
                            let v = value('W')?;
                            config.warn_options.push(v);
                        }
                        'X' => {
                            let v = value('X')?;
                            match v.as_str() {
                                "dev" => config.dev_mode = true,
                                "utf8" => config.utf8_mode = true,
                                _ => {
                                    if let Some(n) = v.strip_prefix("int_max_str_digits=") {
                                        config.int_max_str_digits = n.parse().unwrap_or(4300);
                                    }
                                }
                            }
                            config.x_options.push(v);
                        }
                        'O' => config.optimize += 1,
                        'B' => config.dont_write_bytecode = true,
                        'E' => config.ignore_environment = true,
                        's' => config.no_user_site = true,
                        'S' => config.no_site = true,
                        'P' => config.safe_path = true,
                        'I' => {
                            config.isolated = true;
                            config.ignore_environment = true;
                            config.no_user_site = true;
                            config.safe_path = true;
                        }
                        'i' => config.inspect = true,
                        'q' => config.quiet = true,
                        'u' => config.unbuffered = true,
                        'v' => config.verbose += 1,
                        'b' => config.bytes_warning += 1,
                        'd' => config.debug += 1,
                        'x' | 'R' => {}
                        'V' => {
                            println!("Python 3.14.0 (Orochi)");
                            return Err(0);
                        }
                        'h' | '?' => {
                            println!("{USAGE}");
                            return Err(0);
                        }
                        other => {
                            eprintln!("Unknown option: -{other}");
                            return Err(usage(&program));
                        }
                    }
                    if target.is_some() {
                        break;
                    }
                }
                if target.is_some() {
                    break;
                }
            }
        }
    }
    config.optimize = config.optimize.min(2);
    config.argv = std::iter::once(first).chain(rest).collect();
    config.target = target.unwrap_or(Target::Stdin);
    if config.target == Target::Stdin && config.argv == [""] {
        config.argv = vec![String::new()];
    }
    Ok(config)
}

fn usage(program: &str) -> i32 {
    eprintln!("{}", USAGE.replace("orochi", program));
    eprintln!("Try `{program} -h' for more information.");
    2
}
