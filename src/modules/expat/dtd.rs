//! What declarations say: entities, attributes, content models; and the reading of single declarations.

use super::errors::{self, Code};
use super::parser::Event;
use super::scan::{self, Cursor, char_ref};
use std::collections::HashMap;

/// An entity.
#[derive(Clone, Default)]
pub struct Entity {
    /// The replacement text; None for an external entity.
    pub value: Option<String>,
    pub base: Option<String>,
    pub system: Option<String>,
    pub public: Option<String>,
    pub notation: Option<String>,
}

/// A declared attribute.
#[derive(Clone)]
pub struct Attribute {
    pub name: String,
    pub cdata: bool,
    pub default: Option<String>,
}

/// What is known of the document type; a parser of an external part shares it.
#[derive(Default)]
pub struct Dtd {
    pub general: HashMap<String, Entity>,
    pub parameter: HashMap<String, Entity>,
    pub attributes: HashMap<String, Vec<Attribute>>,
    pub has_parameter_refs: bool,
    pub standalone: bool,
    /// False once a part was skipped that might have declared something.
    pub complete: bool,
}

/// A content model, with pyexpat's numbers.
pub struct Model {
    pub kind: i64,
    pub quantity: i64,
    pub name: Option<String>,
    pub children: Vec<Model>,
}

const EMPTY: i64 = 1;
const ANY: i64 = 2;
const MIXED: i64 = 3;
const NAME: i64 = 4;
const CHOICE: i64 = 5;
const SEQUENCE: i64 = 6;

/// `SYSTEM "..."` or `PUBLIC "..." "..."`: (system, public). `notation`: the system part may be missing.
pub fn external_id(c: &mut Cursor<'_>, notation: bool) -> Result<Option<(Option<String>, Option<String>)>, Code> {
    let public = if c.eat("SYSTEM") {
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        None
    } else if c.eat("PUBLIC") {
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let literal = c.literal()?;
        let allowed = |ch: char| ch.is_ascii_alphanumeric() || " \r\n-'()+,./:=?;!*#@$_%".contains(ch);
        if !literal.chars().all(allowed) {
            return Err(errors::PUBLICID);
        }
        let spaced = c.space();
        if notation && !c.rest.starts_with(['"', '\'']) {
            return Ok(Some((None, Some(collapse(literal)))));
        }
        if !spaced {
            return Err(errors::INVALID_TOKEN);
        }
        Some(collapse(literal))
    } else {
        return Ok(None);
    };
    Ok(Some((Some(c.literal()?.to_string()), public)))
}

/// White space as single blanks, none at the ends.
pub fn collapse(text: &str) -> String {
    let words: Vec<&str> = text.split([' ', '\t', '\n', '\r']).filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

impl Dtd {
    /// An entity's value as declared, with characters and (outside of the document itself) parameter entities replaced.
    fn entity_value(&mut self, literal: &str, external: bool, depth: usize) -> Result<String, Code> {
        if depth > 64 {
            return Err(errors::RECURSIVE_ENTITY_REF);
        }
        let mut out = String::new();
        let mut rest = literal;
        while let Some(at) = rest.find(['&', '%', '\r']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with('\r') {
                out.push('\n');
                rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
                continue;
            }
            let end = rest.find(';').ok_or(errors::INVALID_TOKEN)?;
            let body = &rest[1..end];
            if rest.starts_with('%') {
                if scan::name_len(body) != body.len() || body.is_empty() {
                    return Err(errors::INVALID_TOKEN);
                }
                if !external {
                    return Err(errors::PARAM_ENTITY_REF);
                }
                match self.parameter.get(body).map(|entity| entity.value.clone()) {
                    Some(Some(value)) => out.push_str(&self.entity_value(&value, true, depth + 1)?),
                    Some(None) | None => self.complete = false,
                }
            } else if body.starts_with('#') {
                out.push(char_ref(body)?);
            } else if scan::name_len(body) == body.len() && !body.is_empty() {
                out.push_str(&rest[..=end]);
            } else {
                return Err(errors::INVALID_TOKEN);
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// `<!ENTITY ...>`
    pub fn entity(&mut self, text: &str, base: Option<&str>, external: bool) -> Result<Vec<Event>, Code> {
        let mut c = Cursor { rest: &text["<!ENTITY".len()..text.len() - 1] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let parameter = c.eat("%");
        if parameter && !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let name = c.name()?.to_string();
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let mut entity = Entity { base: base.map(str::to_string), ..Entity::default() };
        if c.rest.starts_with(['"', '\'']) {
            let literal = c.literal()?;
            entity.value = Some(self.entity_value(literal, external, 0)?);
        } else {
            let Some((system, public)) = external_id(&mut c, false)? else { return Err(errors::SYNTAX) };
            (entity.system, entity.public) = (system, public);
            if c.space() && c.eat("NDATA") {
                if parameter || !c.space() {
                    return Err(errors::SYNTAX);
                }
                entity.notation = Some(c.name()?.to_string());
            }
        }
        c.space();
        if !c.rest.is_empty() {
            return Err(errors::INVALID_TOKEN);
        }
        let table = if parameter { &mut self.parameter } else { &mut self.general };
        if table.contains_key(&name) {
            return Ok(Vec::new());
        }
        table.insert(name.clone(), entity.clone());
        Ok(vec![match entity.notation {
            Some(_) => Event::Unparsed { name, entity },
            None => Event::EntityDecl { name, parameter, entity },
        }])
    }

    /// `<!NOTATION ...>`
    pub fn notation(&mut self, text: &str) -> Result<Vec<Event>, Code> {
        let mut c = Cursor { rest: &text["<!NOTATION".len()..text.len() - 1] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let name = c.name()?.to_string();
        c.space();
        let Some((system, public)) = external_id(&mut c, true)? else { return Err(errors::SYNTAX) };
        c.space();
        if !c.rest.is_empty() {
            return Err(errors::INVALID_TOKEN);
        }
        Ok(vec![Event::Notation { name, system, public }])
    }

    /// `<!ATTLIST ...>`: one event for each attribute.
    pub fn attlist(&mut self, text: &str) -> Result<Vec<Event>, Code> {
        let mut c = Cursor { rest: &text["<!ATTLIST".len()..text.len() - 1] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let element = c.name()?.to_string();
        let mut events = Vec::new();
        loop {
            let spaced = c.space();
            if c.rest.is_empty() {
                return Ok(events);
            }
            if !spaced {
                return Err(errors::INVALID_TOKEN);
            }
            let name = c.name()?.to_string();
            if !c.space() {
                return Err(errors::INVALID_TOKEN);
            }
            let mut kind = String::new();
            if !c.rest.starts_with('(') {
                kind.push_str(c.name()?);
                let known = ["CDATA", "ID", "IDREF", "IDREFS", "ENTITY", "ENTITIES", "NMTOKEN", "NMTOKENS", "NOTATION"];
                if !known.contains(&kind.as_str()) {
                    return Err(errors::SYNTAX);
                }
            }
            if kind.is_empty() || kind == "NOTATION" {
                c.space();
                if !c.eat("(") {
                    return Err(errors::SYNTAX);
                }
                kind.push('(');
                loop {
                    c.space();
                    kind.push_str(c.token()?);
                    c.space();
                    if c.eat(")") {
                        kind.push(')');
                        break;
                    }
                    if !c.eat("|") {
                        return Err(errors::SYNTAX);
                    }
                    kind.push('|');
                }
            }
            if !c.space() {
                return Err(errors::INVALID_TOKEN);
            }
            let (mut required, mut default) = (false, None);
            if c.eat("#REQUIRED") {
                required = true;
            } else if !c.eat("#IMPLIED") {
                if c.eat("#FIXED") {
                    required = true;
                    c.space();
                }
                let literal = c.literal()?;
                default = Some(self.attribute_value(literal, kind == "CDATA", &mut Vec::new(), &mut 0)?);
            }
            let known = self.attributes.entry(element.clone()).or_default();
            if !known.iter().any(|a| a.name == name) {
                known.push(Attribute { name: name.clone(), cdata: kind == "CDATA", default: default.clone() });
            }
            events.push(Event::Attlist { element: element.clone(), name, kind, default, required });
        }
    }

    /// `<!ELEMENT ...>`
    pub fn element(&mut self, text: &str) -> Result<Vec<Event>, Code> {
        let mut c = Cursor { rest: &text["<!ELEMENT".len()..text.len() - 1] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let name = c.name()?.to_string();
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let plain = |kind| Model { kind, quantity: 0, name: None, children: Vec::new() };
        let model = if c.eat("EMPTY") {
            plain(EMPTY)
        } else if c.eat("ANY") {
            plain(ANY)
        } else {
            group(&mut c, 0)?
        };
        c.space();
        if !c.rest.is_empty() {
            return Err(errors::SYNTAX);
        }
        Ok(vec![Event::ElementDecl { name, model }])
    }

    /// An attribute's value, with references replaced and white space made blanks. `open` are the entities that this is
    /// inside of; `grown` counts what entities added.
    pub fn attribute_value(
        &self,
        literal: &str,
        cdata: bool,
        open: &mut Vec<String>,
        grown: &mut usize,
    ) -> Result<String, Code> {
        let mut out = String::with_capacity(literal.len());
        self.expand_attribute(literal, open, grown, &mut out)?;
        if !cdata {
            let words: Vec<&str> = out.split(' ').filter(|w| !w.is_empty()).collect();
            return Ok(words.join(" "));
        }
        Ok(out)
    }

    fn expand_attribute(
        &self,
        literal: &str,
        open: &mut Vec<String>,
        grown: &mut usize,
        out: &mut String,
    ) -> Result<(), Code> {
        let mut rest = literal;
        while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            match rest.as_bytes()[0] {
                b'<' => return Err(errors::INVALID_TOKEN),
                b'&' => {
                    let end = rest.find(';').ok_or(errors::INVALID_TOKEN)?;
                    let body = &rest[1..end];
                    if body.starts_with('#') {
                        out.push(char_ref(body)?);
                    } else if body.is_empty() || scan::name_len(body) != body.len() {
                        return Err(errors::INVALID_TOKEN);
                    } else if let Some(c) = scan::predefined(body) {
                        out.push(c);
                    } else {
                        match self.general.get(body) {
                            None if self.has_parameter_refs && !self.standalone => {}
                            None => return Err(errors::UNDEFINED_ENTITY),
                            Some(entity) if entity.notation.is_some() => return Err(errors::BINARY_ENTITY_REF),
                            Some(entity) => {
                                let Some(value) = &entity.value else {
                                    return Err(errors::ATTRIBUTE_EXTERNAL_ENTITY_REF);
                                };
                                if open.iter().any(|name| name == body) {
                                    return Err(errors::RECURSIVE_ENTITY_REF);
                                }
                                *grown += value.len();
                                if *grown > super::parser::MOST_GROWTH {
                                    return Err(errors::AMPLIFICATION_LIMIT_BREACH);
                                }
                                open.push(body.to_string());
                                self.expand_attribute(value, open, grown, out)?;
                                open.pop();
                            }
                        }
                    }
                    rest = &rest[end + 1..];
                }
                b'\r' => {
                    out.push(' ');
                    rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
                }
                _ => {
                    out.push(' ');
                    rest = &rest[1..];
                }
            }
        }
        out.push_str(rest);
        Ok(())
    }

    /// A declaration of an external part, with parameter entities outside of literals replaced.
    pub fn replace_parameters(&mut self, text: &str) -> Result<String, Code> {
        let mut out = String::new();
        let mut quote = None;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let named = scan::name_len(&rest[c.len_utf8()..]);
            if c == '%' && quote.is_none() && named > 0 && rest[1 + named..].starts_with(';') {
                match self.parameter.get(&rest[1..1 + named]).map(|entity| entity.value.clone()) {
                    Some(Some(value)) => {
                        out.push(' ');
                        out.push_str(&value);
                        out.push(' ');
                    }
                    _ => self.complete = false,
                }
                if out.len() > super::parser::MOST_GROWTH {
                    return Err(errors::AMPLIFICATION_LIMIT_BREACH);
                }
                rest = &rest[named + 2..];
                continue;
            }
            match quote {
                Some(q) if q == c => quote = None,
                None if c == '"' || c == '\'' => quote = Some(c),
                _ => {}
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
        Ok(out)
    }
}

/// The quantity mark that may follow.
fn quantity(c: &mut Cursor<'_>) -> i64 {
    for (mark, n) in [("?", 1), ("*", 2), ("+", 3)] {
        if c.eat(mark) {
            return n;
        }
    }
    0
}

/// A group in parentheses, or a name.
fn group(c: &mut Cursor<'_>, depth: usize) -> Result<Model, Code> {
    if depth > 1000 {
        return Err(errors::NO_MEMORY);
    }
    if !c.eat("(") {
        let name = c.name()?.to_string();
        return Ok(Model { kind: NAME, quantity: quantity(c), name: Some(name), children: Vec::new() });
    }
    let mut children = Vec::new();
    let mut separator = None;
    c.space();
    let mixed = depth == 0 && c.eat("#PCDATA");
    if !mixed {
        children.push(group(c, depth + 1)?);
    }
    loop {
        c.space();
        if c.eat(")") {
            break;
        }
        let mark = if c.eat("|") {
            '|'
        } else if !mixed && c.eat(",") {
            ','
        } else {
            return Err(errors::SYNTAX);
        };
        if *separator.get_or_insert(mark) != mark {
            return Err(errors::SYNTAX);
        }
        c.space();
        children.push(group(c, depth + 1)?);
    }
    let kind = match separator {
        _ if mixed => MIXED,
        Some('|') => CHOICE,
        _ => SEQUENCE,
    };
    let n = quantity(c);
    if mixed && (n == 1 || n == 3 || (n == 0 && !children.is_empty())) {
        return Err(errors::SYNTAX);
    }
    Ok(Model { kind, quantity: n, name: None, children })
}
