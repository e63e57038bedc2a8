//! What the command line and the environment ask for: the source of `sys.flags` and `sys.argv`.

use std::sync::OnceLock;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `-c`
    Command(String),
    /// `-m`
    Module(String),
    /// A file, a directory or an archive with `__main__`.
    File(String),
    /// Standard input: `-`, or nothing on the command line.
    Stdin,
}

/// The settings, with the command line's letters.
#[derive(Clone, Debug)]
pub struct Config {
    pub target: Target,
    /// `sys.argv`.
    pub argv: Vec<String>,
    /// The command line, undecodable bytes replaced.
    pub original: Vec<String>,
    /// `sys.orig_argv`, as WTF-8.
    pub raw: Vec<Vec<u8>>,
    /// -O, -OO
    pub optimize: u8,
    /// -B
    pub dont_write_bytecode: bool,
    /// -E
    pub ignore_environment: bool,
    /// --check-hash-based-pycs: "always", "never" or "default".
    pub check_hash_based_pycs: String,
    /// -s
    pub no_user_site: bool,
    /// -S
    pub no_site: bool,
    /// -I
    pub isolated: bool,
    /// -P
    pub safe_path: bool,
    /// -i, PYTHONINSPECT: a prompt after the program.
    pub inspect: bool,
    /// -i: a prompt even where standard input is no terminal.
    pub interactive: bool,
    /// -x
    pub skip_first_line: bool,
    /// -X warn_default_encoding
    pub warn_default_encoding: bool,
    /// -X pycache_prefix
    pub pycache_prefix: Option<String>,
    /// -q
    pub quiet: bool,
    /// -u
    pub unbuffered: bool,
    /// -v
    pub verbose: u8,
    /// -b
    pub bytes_warning: u8,
    /// -d
    pub debug: u8,
    /// -W
    pub warn_options: Vec<String>,
    /// -X
    pub x_options: Vec<String>,
    /// -X dev
    pub dev_mode: bool,
    /// -X utf8
    pub utf8_mode: bool,
    /// -X int_max_str_digits
    pub int_max_str_digits: i64,
    /// PYTHONHASHSEED: None for a random key.
    pub hash_seed: Option<u32>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            target: Target::Stdin,
            argv: vec![String::new()],
            original: Vec::new(),
            raw: Vec::new(),
            optimize: 0,
            dont_write_bytecode: false,
            ignore_environment: false,
            check_hash_based_pycs: "default".into(),
            no_user_site: false,
            no_site: false,
            isolated: false,
            safe_path: false,
            inspect: false,
            interactive: false,
            skip_first_line: false,
            warn_default_encoding: false,
            pycache_prefix: None,
            quiet: false,
            unbuffered: false,
            verbose: 0,
            bytes_warning: 0,
            debug: 0,
            warn_options: Vec::new(),
            x_options: Vec::new(),
            dev_mode: false,
            utf8_mode: true,
            int_max_str_digits: 4300,
            hash_seed: None,
        }
    }
}

static CONFIG: OnceLock<Config> = OnceLock::new();

/// Fixes the settings. Only the first call counts.
pub fn install(config: Config) {
    let _ = CONFIG.set(config);
}

/// The settings; defaults where nobody installed any (tests).
pub fn get() -> &'static Config {
    CONFIG.get_or_init(Config::default)
}
