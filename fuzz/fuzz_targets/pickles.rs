#![no_main]

orochi_fuzz::target!("pickles");
