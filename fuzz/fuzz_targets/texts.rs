#![no_main]

orochi_fuzz::target!("texts");
