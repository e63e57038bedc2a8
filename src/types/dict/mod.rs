//! `dict`. The payload, with what the object layer needs, is `object::dict`.

#[cfg(test)]
mod tests;
