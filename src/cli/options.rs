//! Command-line options and environment variables, with CPython's letters and names.

use super::usage;
use crate::runtime::config::{Config, Target};
use std::env;

/// What `-V` prints.
const VERSION: &str = "Python 3.14.0";

/// Parses the command line and reads the environment; an error or a request for help answers the exit status.
pub fn parse(args: Vec<String>) -> Result<Config, i32> {
    let program = args.first().cloned().unwrap_or_else(|| "orochi".into());
    let mut config = Config { original: args.clone(), ..Config::default() };
    let mut rest = args.into_iter().skip(1);
    let mut first = String::new();
    let mut warnings = Vec::new();
    let mut versions = 0;
    let mut random = false;
    while let Some(arg) = rest.next() {
        if arg == "-" {
            first = arg;
            break;
        }
        if !arg.starts_with('-') {
            first.clone_from(&arg);
            config.target = Target::File(arg);
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            if long.is_empty() {
                if let Some(file) = rest.next() {
                    first.clone_from(&file);
                    config.target = if file == "-" { Target::Stdin } else { Target::File(file) };
                }
                break;
            }
            long_option(&mut config, long, &mut rest, &program)?;
            versions += i32::from(long == "version");
            continue;
        }
        let mut letters = arg[1..].chars();
        let mut ends = false;
        while let Some(letter) = letters.next() {
            let mut value = |name: char| -> Result<String, i32> {
                let tail: String = letters.by_ref().collect();
                if !tail.is_empty() {
                    return Ok(tail);
                }
                rest.next().ok_or_else(|| {
                    eprintln!("Argument expected for the -{name} option");
                    usage::short(&program)
                })
            };
            match letter {
                'c' => {
                    first = "-c".into();
                    config.target = Target::Command(value('c')? + "\n");
                    ends = true;
                }
                'm' => {
                    first = "-m".into();
                    config.target = Target::Module(value('m')?);
                    ends = true;
                }
                'W' => warnings.push(value('W')?),
                'X' => config.x_options.push(value('X')?),
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
                'i' => {
                    config.inspect = true;
                    config.interactive = true;
                }
                'q' => config.quiet = true,
                'u' => config.unbuffered = true,
                'v' => config.verbose += 1,
                'b' => config.bytes_warning += 1,
                'd' => config.debug += 1,
                'x' => config.skip_first_line = true,
                'R' => random = true,
                'J' => {}
                'V' => versions += 1,
                'h' | '?' => {
                    usage::help(&program);
                    return Err(0);
                }
                other => {
                    eprintln!("Unknown option: -{other}");
                    return Err(usage::short(&program));
                }
            }
            if ends {
                break;
            }
        }
        if ends {
            break;
        }
    }
    if versions > 0 {
        let build = concat!(" (orochi ", env!("CARGO_PKG_VERSION"), ", free-threading build)");
        println!("{VERSION}{}", if versions > 1 { build } else { "" });
        return Err(0);
    }
    config.argv = std::iter::once(first).chain(rest).collect();
    environment(&mut config)?;
    if !random {
        config.hash_seed = hash_seed(&config)?;
    }
    x_options(&mut config)?;
    warn_options(&mut config, warnings);
    config.optimize = config.optimize.min(2);
    Ok(config)
}

fn long_option(
    config: &mut Config,
    name: &str,
    rest: &mut impl Iterator<Item = String>,
    program: &str,
) -> Result<(), i32> {
    match name {
        "version" => Ok(()),
        "help" => {
            usage::help(program);
            Err(0)
        }
        "help-env" => {
            usage::environment();
            Err(0)
        }
        "help-xoptions" => {
            usage::x_options();
            Err(0)
        }
        "help-all" => {
            usage::help(program);
            println!();
            usage::environment();
            println!();
            usage::x_options();
            Err(0)
        }
        "check-hash-based-pycs" => match rest.next() {
            Some(when) if matches!(&*when, "always" | "never" | "default") => {
                config.check_hash_based_pycs = when;
                Ok(())
            }
            Some(_) => {
                eprintln!("--check-hash-based-pycs must be one of 'default', 'always', or 'never'");
                Err(usage::short(program))
            }
            None => {
                eprintln!("Argument expected for the --check-hash-based-pycs options");
                Err(usage::short(program))
            }
        },
        _ => {
            eprintln!("unknown option --{name}");
            Err(usage::short(program))
        }
    }
}

/// The value of an environment variable that is set to something.
fn variable(config: &Config, name: &str) -> Option<String> {
    if config.ignore_environment {
        return None;
    }
    env::var_os(name).map(|v| v.to_string_lossy().into_owned()).filter(|v| !v.is_empty())
}

/// A variable that counts as a flag: its number, 1 where it is no number.
fn level(config: &Config, name: &str) -> u8 {
    let Some(text) = variable(config, name) else { return 0 };
    text.trim().parse::<i64>().map_or(1, |n| if n < 0 { 1 } else { n.min(255) as u8 })
}

fn environment(config: &mut Config) -> Result<(), i32> {
    config.debug = config.debug.max(level(config, "PYTHONDEBUG"));
    config.verbose = config.verbose.max(level(config, "PYTHONVERBOSE"));
    config.optimize = config.optimize.max(level(config, "PYTHONOPTIMIZE"));
    config.inspect |= level(config, "PYTHONINSPECT") > 0;
    config.dont_write_bytecode |= level(config, "PYTHONDONTWRITEBYTECODE") > 0;
    config.no_user_site |= level(config, "PYTHONNOUSERSITE") > 0;
    config.unbuffered |= level(config, "PYTHONUNBUFFERED") > 0;
    config.safe_path |= variable(config, "PYTHONSAFEPATH").is_some();
    config.dev_mode |= variable(config, "PYTHONDEVMODE").is_some();
    config.warn_default_encoding |= variable(config, "PYTHONWARNDEFAULTENCODING").is_some();
    config.pycache_prefix = variable(config, "PYTHONPYCACHEPREFIX");
    match variable(config, "PYTHONUTF8").as_deref() {
        Some("0") => config.utf8_mode = false,
        None | Some("1") => {}
        Some(_) => return Err(bad_utf8_mode("invalid PYTHONUTF8 environment variable value")),
    }
    if let Some(digits) = variable(config, "PYTHONINTMAXSTRDIGITS") {
        let what = "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited.";
        config.int_max_str_digits = max_digits(&digits).ok_or_else(|| fatal("config_init_int_max_str_digits", what))?;
    }
    Ok(())
}

/// What PYTHONHASHSEED asks for; None for a random key.
fn hash_seed(config: &Config) -> Result<Option<u32>, i32> {
    let Some(seed) = variable(config, "PYTHONHASHSEED").filter(|s| s != "random") else { return Ok(None) };
    match number(&seed).and_then(|n| u32::try_from(n).ok()) {
        Some(seed) => Ok(Some(seed)),
        None => {
            let what = "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]";
            Err(fatal("config_init_hash_seed", what))
        }
    }
}

/// A whole number as C's `strtol` reads it: white space may stand before it, and no text is zero.
fn number(text: &str) -> Option<i64> {
    let digits = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    if text.is_empty() { Some(0) } else { digits.parse().ok() }
}

fn max_digits(text: &str) -> Option<i64> {
    number(text).filter(|n| *n == 0 || (640..=i64::from(i32::MAX)).contains(n))
}

/// Reports a setting that makes no sense, as CPython does when it cannot start.
fn fatal(place: &str, what: &str) -> i32 {
    eprintln!("Fatal Python error: {place}: {what}\nPython runtime state: preinitialized\n");
    1
}

/// The same for what is read before anything else.
fn bad_utf8_mode(what: &str) -> i32 {
    eprintln!("Fatal Python error: preconfig_init_utf8_mode: {what}\nPython runtime state: preinitializing\n");
    1
}

fn x_options(config: &mut Config) -> Result<(), i32> {
    for option in config.x_options.clone() {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option.as_str(), None),
        };
        match (name, value) {
            ("dev", _) => config.dev_mode = true,
            ("utf8", None | Some("1")) => config.utf8_mode = true,
            ("utf8", Some("0")) => config.utf8_mode = false,
            ("utf8", _) => return Err(bad_utf8_mode("invalid -X utf8 option value")),
            ("warn_default_encoding", _) => config.warn_default_encoding = true,
            ("pycache_prefix", value) => {
                config.pycache_prefix = value.filter(|v| !v.is_empty()).map(str::to_owned);
            }
            ("int_max_str_digits", value) => {
                let what = "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited.";
                let digits = value.and_then(max_digits);
                config.int_max_str_digits = digits.ok_or_else(|| fatal("config_init_int_max_str_digits", what))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The later of two options wins: the environment's come before the command line's.
fn warn_options(config: &mut Config, given: Vec<String>) {
    let mut options = Vec::new();
    if config.dev_mode {
        options.push("default".to_owned());
    }
    if let Some(text) = variable(config, "PYTHONWARNINGS") {
        options.extend(text.split(',').filter(|o| !o.is_empty()).map(str::to_owned));
    }
    options.extend(given);
    match config.bytes_warning {
        0 => {}
        1 => options.push("default::BytesWarning".into()),
        _ => options.push("error::BytesWarning".into()),
    }
    config.warn_options = options;
}
