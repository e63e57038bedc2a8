//! What `-h` and its kin print.

/// The first line of help.
fn line(program: &str) -> String {
    format!("usage: {program} [option] ... [-c cmd | -m mod | file | -] [arg] ...")
}

/// Says on standard error how the command is used; answers the exit status.
pub fn short(program: &str) -> i32 {
    eprintln!("{}", line(program));
    eprintln!("Try `python -h' for more information.");
    2
}

/// `-h`
pub fn help(program: &str) {
    println!("{}", line(program));
    println!("{OPTIONS}");
}

/// `--help-env`
pub fn environment() {
    println!("{ENVIRONMENT}");
}

/// `--help-xoptions`
pub fn x_options() {
    println!("{X_OPTIONS}");
}

const OPTIONS: &str = "\
Options (and environment variables that mean the same):
-b     : warn about str(bytes) and comparing bytes with str or int (-bb: raise)
-B     : write no .pyc files on import; also PYTHONDONTWRITEBYTECODE=x
-c cmd : run this text as the program (ends the options)
-d     : accepted and ignored; also PYTHONDEBUG=x
-E     : ignore the PYTHON* environment variables
-h     : print this and exit (also -? or --help)
-i     : go on interactively when the program has ended; also PYTHONINSPECT=x
-I     : isolated from the user's environment (implies -E, -P and -s)
-m mod : run a module as the program (ends the options)
-O     : drop assertions and what depends on __debug__; also PYTHONOPTIMIZE=x
-OO    : drop docstrings too
-P     : do not put the program's folder in front of sys.path; also PYTHONSAFEPATH
-q     : no version on interactive start
-s     : do not add the user's site-packages to sys.path; also PYTHONNOUSERSITE=x
-S     : do not import site at start
-u     : standard output and error are not buffered; also PYTHONUNBUFFERED=x
-v     : say what is imported; also PYTHONVERBOSE=x
-V     : print the version and exit (also --version); twice for more
-W arg : what to do with warnings: action:message:category:module:lineno
         also PYTHONWARNINGS=arg
-x     : skip the first line of the program file
-X opt : options of this implementation, see --help-xoptions
--check-hash-based-pycs always|default|never:
         how hash-based .pyc files are checked
--help-env: print help about environment variables and exit
--help-xoptions: print help about -X and exit
--help-all: print all help and exit

Arguments:
file   : the program
-      : read the program from standard input (the default)
arg ...: the program's arguments, sys.argv[1:]";

const ENVIRONMENT: &str = "\
Environment variables:
PYTHONSTARTUP   : file that runs when an interactive session starts
PYTHONPATH      : folders to search for modules first, separated by ':'
PYTHONHOME      : accepted and ignored: the library is part of the program
PYTHONIOENCODING: encoding[:errors] of the standard streams
PYTHONHASHSEED  : a number for the same hashes of str and bytes in each run, or 'random'
PYTHONBREAKPOINT: what breakpoint() calls; 0 for nothing
PYTHON_COLORS   : 1 for colours, 0 for none
PYTHON_BASIC_REPL: 1 for the plain prompt
PYTHON_HISTORY  : the file of the interactive session's history

With an option that means the same (see --help):
PYTHONDEBUG, PYTHONDEVMODE (-X dev), PYTHONDONTWRITEBYTECODE, PYTHONINSPECT,
PYTHONINTMAXSTRDIGITS (-X int_max_str_digits), PYTHONNOUSERSITE, PYTHONOPTIMIZE,
PYTHONPYCACHEPREFIX (-X pycache_prefix), PYTHONSAFEPATH, PYTHONUNBUFFERED,
PYTHONUTF8 (-X utf8), PYTHONVERBOSE, PYTHONWARNDEFAULTENCODING
(-X warn_default_encoding), PYTHONWARNINGS";

const X_OPTIONS: &str = "\
Options of -X:
-X dev          : development mode: more checks and warnings; also PYTHONDEVMODE
-X int_max_str_digits=N: limit of conversions between int and str, 0 for none
         also PYTHONINTMAXSTRDIGITS
-X pycache_prefix=PATH: where .pyc files are written; also PYTHONPYCACHEPREFIX
-X utf8[=0|1]   : UTF-8 mode, which is the default; also PYTHONUTF8
-X warn_default_encoding: warn where the locale's encoding is used unasked
         also PYTHONWARNDEFAULTENCODING";
