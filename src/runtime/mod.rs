//! Start-up, imports, threads, signals, shutdown.
