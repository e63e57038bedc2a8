#![no_main]

orochi_fuzz::code_target!("hostile");
