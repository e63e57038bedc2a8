//! Elements and what is in them: tags, text, references, namespaces.

use super::*;

impl Parser {
    pub(super) fn cdata(&mut self) -> Advance {
        let rest = self.rest();
        if rest.starts_with("]]>") {
            let token = self.take(3);
            self.state = State::Content;
            self.emit(Event::EndCdata, &token);
            return Ok(true);
        }
        self.text_run(true, errors::UNCLOSED_CDATA_SECTION)
    }

    /// Text as far as there is input, a line at a time, as expat reports it.
    pub(super) fn text_run(&mut self, cdata: bool, code: Code) -> Advance {
        let rest = self.rest();
        let stops = |b: u8| b == b'\n' || b == b'\r' || (!cdata && (b == b'<' || b == b'&'));
        let mut stop = rest.bytes().position(stops).unwrap_or(rest.len());
        if cdata && let Some(close) = rest[..stop].find("]]>") {
            stop = close;
        }
        let mut text = if stop == 0 { rest } else { &rest[..stop] };
        if !self.is_final() {
            // What may go on as "]]>" or "\r\n" waits.
            if stop == rest.len() {
                text = text.trim_end_matches(']');
            } else if rest == "\r" {
                text = "";
            }
        }
        if text.is_empty() {
            return self.incomplete(code);
        }
        if text.starts_with(['\n', '\r']) {
            let n = if text.starts_with("\r\n") { 2 } else { 1 };
            let token = self.take(n);
            self.emit(Event::Text("\n".to_string()), &token);
            return Ok(true);
        }
        let bad = |b: u8| b < 0x20 && b != b'\t';
        let mut n = text.bytes().position(bad).unwrap_or(text.len());
        if let Some(odd) = memchr::memchr(0xef, &text.as_bytes()[..n])
            && let Some((i, _)) = text[..n].char_indices().find(|(i, c)| *i >= odd && !is_char(*c))
        {
            n = i;
        }
        if !cdata && let Some(close) = text[..n].find("]]>") {
            return Err(self.error_at(close + 2, errors::INVALID_TOKEN));
        }
        if n == 0 {
            return Err(self.error_at(0, errors::INVALID_TOKEN));
        }
        if n > CONVERTED && !matches!(self.encoding, Some(Encoding::Utf8)) && self.nested.is_empty() {
            n = (0..=CONVERTED).rev().find(|&n| text.is_char_boundary(n)).unwrap_or(n);
        }
        let token = self.take(n);
        self.emit(Event::Text(token.clone()), &token);
        Ok(true)
    }

    pub(super) fn content(&mut self) -> Advance {
        if self.kind == Kind::Entity
            && let Some(done) = self.declaration()
        {
            return done;
        }
        let rest = self.rest();
        match rest.as_bytes()[0] {
            b'<' => {
                if let Some(done) = self.miscellaneous() {
                    return done;
                }
                let rest = self.rest();
                if rest.starts_with("</") {
                    return self.end_tag();
                }
                if rest.starts_with("<!") {
                    const OPEN: &str = "<![CDATA[";
                    if rest.starts_with(OPEN) {
                        let token = self.take(OPEN.len());
                        self.emit(Event::StartCdata, &token);
                        self.state = State::Cdata;
                        return Ok(true);
                    }
                    if OPEN.starts_with(rest) {
                        return self.incomplete(errors::UNCLOSED_TOKEN);
                    }
                    return Err(self.error_at(2, errors::INVALID_TOKEN));
                }
                self.start_tag()
            }
            b'&' => self.reference(),
            _ => self.text_run(false, errors::NO_ELEMENTS),
        }
    }

    pub(super) fn reference(&mut self) -> Advance {
        let rest = self.rest();
        let body_len = if rest[1..].starts_with('#') {
            1 + rest[2..].bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len() - 2)
        } else {
            name_len(&rest[1..])
        };
        match rest.as_bytes().get(1 + body_len) {
            None => return self.incomplete(errors::UNCLOSED_TOKEN),
            Some(b';') if body_len > 0 => {}
            Some(_) => return Err(self.error_at(1 + body_len, errors::INVALID_TOKEN)),
        }
        let name = rest[1..1 + body_len].to_string();
        let simple = match name.strip_prefix('#') {
            Some(_) => match scan::char_ref(&name) {
                Ok(c) => Some(c),
                Err(code) => return Err(self.error_at(0, code)),
            },
            None => scan::predefined(&name),
        };
        let token = self.take(body_len + 2);
        if let Some(c) = simple {
            self.emit(Event::Text(c.to_string()), &token);
            return Ok(true);
        }
        let (entity, strict) = {
            let dtd = self.dtd.lock();
            (dtd.general.get(&name).cloned(), !dtd.has_parameter_refs || dtd.standalone)
        };
        let Some(entity) = entity else {
            if strict {
                return Err(errors::UNDEFINED_ENTITY);
            }
            self.emit(Event::Skipped { name, parameter: false }, &token);
            return Ok(true);
        };
        if entity.notation.is_some() {
            return Err(errors::BINARY_ENTITY_REF);
        }
        match entity.value {
            Some(text) => {
                if self.nested.iter().any(|nested| nested.name == name) {
                    return Err(errors::RECURSIVE_ENTITY_REF);
                }
                if !self.expand {
                    self.emit(Event::Skipped { name, parameter: false }, &token);
                    return Ok(true);
                }
                self.grow(text.len())?;
                let depth = self.elements.len();
                self.nested.push(Nested { name, text, at: 0, depth, state: State::Content });
            }
            None => {
                let Entity { base, system, public, .. } = entity;
                let mut context = String::new();
                for binding in &self.bindings {
                    if let (Some(prefix), Some(uri)) = (&binding.prefix, &binding.uri) {
                        context.push_str(&format!("{prefix}={uri}\u{c}"));
                    }
                }
                context.push_str(&name);
                self.emit(Event::External { context: Some(context), base, system, public }, &token);
            }
        }
        Ok(true)
    }

    /// Counts what entities add; fails for a document that is little more than them.
    pub(super) fn grow(&mut self, n: usize) -> Result<(), Code> {
        self.grown += n;
        if self.nested.len() > 2000 {
            return Err(errors::NO_MEMORY);
        }
        if self.grown > MOST_GROWTH && self.grown / self.direct.max(1) >= MOST_FACTOR {
            return Err(errors::AMPLIFICATION_LIMIT_BREACH);
        }
        Ok(())
    }

    pub(super) fn end_tag(&mut self) -> Advance {
        let rest = self.rest();
        let name = name_len(&rest[2..]);
        let gap = scan::space_len(&rest[2 + name..]);
        match rest.as_bytes().get(2 + name + gap) {
            None => return self.incomplete(errors::UNCLOSED_TOKEN),
            Some(b'>') if name > 0 => {}
            Some(_) => return Err(self.error_at(2 + name + gap, errors::INVALID_TOKEN)),
        }
        let token = self.take(3 + name + gap);
        let low = self.nested.last().map_or(0, |nested| nested.depth);
        if self.elements.len() <= low {
            return Err(errors::ASYNC_ENTITY);
        }
        let matches = self.elements.last().is_some_and(|element| element.raw == token[2..2 + name]);
        if !matches {
            // The place of the name.
            self.position.column += 2;
            self.position.byte += 2;
            return Err(errors::TAG_MISMATCH);
        }
        self.close(&token);
        Ok(true)
    }

    pub(super) fn close(&mut self, token: &str) {
        let Some(element) = self.elements.pop() else { return };
        self.emit(Event::End { name: element.name }, token);
        for _ in 0..element.bindings {
            if let Some(binding) = self.bindings.pop() {
                self.emit(Event::EndNamespace { prefix: binding.prefix }, "");
            }
        }
        if self.elements.is_empty() && self.kind == Kind::Document {
            self.state = State::Epilog;
        }
    }

    pub(super) fn start_tag(&mut self) -> Advance {
        let rest = self.rest();
        let name = name_len(&rest[1..]);
        if name == 0 {
            if rest.len() == 1 {
                return self.incomplete(errors::UNCLOSED_TOKEN);
            }
            return Err(self.error_at(1, errors::INVALID_TOKEN));
        }
        // What is wrong is seen before the end of the tag is there.
        let (end, attributes, empty) = match tag_parts(rest, 1 + name) {
            Ok(Some(parts)) => parts,
            Ok(None) => return self.incomplete(errors::UNCLOSED_TOKEN),
            Err((at, code)) => return Err(self.error_at(at, code)),
        };
        let raw = rest[1..1 + name].to_string();
        let token = self.take(end);
        let dtd = Arc::clone(&self.dtd);
        let dtd = dtd.lock();
        let declared = dtd.attributes.get(&raw).map_or(&[][..], Vec::as_slice);
        let mut values: Vec<(String, String)> = Vec::with_capacity(attributes.len());
        let mut open: Vec<String> = self.nested.iter().map(|nested| nested.name.clone()).collect();
        for (attribute, literal) in attributes {
            let cdata = declared.iter().find(|a| a.name == attribute).is_none_or(|a| a.cdata);
            let value = dtd.attribute_value(&literal, cdata, &mut open, &mut self.grown)?;
            values.push((attribute, value));
        }
        let mut specified = values.len();
        for attribute in declared {
            if let Some(default) = &attribute.default
                && !values.iter().any(|(known, _)| *known == attribute.name)
            {
                values.push((attribute.name.clone(), default.clone()));
            }
        }
        drop(dtd);
        let mut bindings = 0;
        let mut shown = raw.clone();
        if self.separator.is_some() {
            bindings = self.bind(&mut values, &mut specified)?;
            shown = self.expanded(&raw, true)?;
            let mut known = std::collections::HashSet::new();
            for (attribute, _) in &mut values {
                *attribute = self.expanded(attribute, false)?;
                if !known.insert(attribute.clone()) {
                    return Err(errors::DUPLICATE_ATTRIBUTE);
                }
            }
        }
        self.emit(Event::Start { name: shown.clone(), attributes: values, specified: specified * 2 }, &token);
        self.elements.push(Element { raw, name: shown, bindings });
        if empty {
            // The end of an empty element is where its tag ends.
            let start = self.position;
            if self.nested.is_empty() {
                self.position = self.next_position;
            }
            self.close("");
            self.position = start;
        }
        Ok(true)
    }

    /// Takes the namespace declarations out of a tag's attributes; answers how many there were.
    pub(super) fn bind(&mut self, values: &mut Vec<(String, String)>, specified: &mut usize) -> Result<usize, Code> {
        const XML: &str = "http://www.w3.org/XML/1998/namespace";
        const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
        let mut n = 0;
        let mut kept = Vec::with_capacity(values.len());
        for (i, (name, value)) in std::mem::take(values).into_iter().enumerate() {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => None,
                Some(rest) if rest.starts_with(':') => Some(rest[1..].to_string()),
                _ => {
                    kept.push((i, (name, value)));
                    continue;
                }
            };
            match prefix.as_deref() {
                Some("xml") if value != XML => return Err(errors::RESERVED_PREFIX_XML),
                Some("xmlns") => return Err(errors::RESERVED_PREFIX_XMLNS),
                Some("xml") => {}
                _ if value == XML || value == XMLNS => return Err(errors::RESERVED_NAMESPACE_URI),
                Some(_) if value.is_empty() => return Err(errors::UNDECLARING_PREFIX),
                _ => {}
            }
            let uri = Some(value).filter(|uri| !uri.is_empty());
            if let (Some(uri), Some(separator)) = (&uri, &self.separator)
                && !separator.is_empty()
                && uri.contains(separator.as_str())
                && !separator.chars().all(|c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c))
            {
                return Err(errors::SYNTAX);
            }
            self.emit(Event::StartNamespace { prefix: prefix.clone(), uri: uri.clone() }, "");
            self.bindings.push(Binding { prefix, uri });
            n += 1;
        }
        *specified = kept.iter().filter(|(i, _)| i < specified).count();
        *values = kept.into_iter().map(|(_, pair)| pair).collect();
        Ok(n)
    }

    /// A name with its namespace in place of its prefix.
    pub(super) fn expanded(&self, name: &str, element: bool) -> Result<String, Code> {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None if element => (None, name),
            None => return Ok(name.to_string()),
        };
        let found = self.bindings.iter().rev().find(|b| b.prefix.as_deref() == prefix);
        let separator = self.separator.as_deref().unwrap_or("");
        match (found.and_then(|b| b.uri.as_deref()), prefix) {
            (Some(uri), Some(prefix)) if self.namespace_prefixes => {
                Ok(format!("{uri}{separator}{local}{separator}{prefix}"))
            }
            (Some(uri), _) => Ok(format!("{uri}{separator}{local}")),
            (None, Some(_)) => Err(errors::UNBOUND_PREFIX),
            (None, None) => Ok(name.to_string()),
        }
    }
}

type TagParts = (usize, Vec<(String, String)>, bool);

/// The attributes (literal values) of a start tag, its length, and whether the element is empty. None: it is not complete.
fn tag_parts(text: &str, mut at: usize) -> Result<Option<TagParts>, (usize, Code)> {
    let bytes = text.as_bytes();
    let mut attributes = Vec::new();
    loop {
        let gap = scan::space_len(&text[at..]);
        at += gap;
        match bytes.get(at) {
            None => return Ok(None),
            Some(b'>') => return Ok(Some((at + 1, attributes, false))),
            Some(b'/') => match bytes.get(at + 1) {
                None => return Ok(None),
                Some(b'>') => return Ok(Some((at + 2, attributes, true))),
                Some(_) => return Err((at + 1, errors::INVALID_TOKEN)),
            },
            Some(_) if gap == 0 => return Err((at, errors::INVALID_TOKEN)),
            Some(_) => {}
        }
        let name = name_len(&text[at..]);
        if name == 0 {
            return Err((at, errors::INVALID_TOKEN));
        }
        let attribute = text[at..at + name].to_string();
        if attributes.iter().any(|(known, _)| *known == attribute) {
            return Err((at, errors::DUPLICATE_ATTRIBUTE));
        }
        at += name;
        at += scan::space_len(&text[at..]);
        match bytes.get(at) {
            None => return Ok(None),
            Some(b'=') => at += 1,
            Some(_) => return Err((at, errors::INVALID_TOKEN)),
        }
        at += scan::space_len(&text[at..]);
        let quote = match bytes.get(at) {
            None => return Ok(None),
            Some(q @ (b'"' | b'\'')) => *q,
            Some(_) => return Err((at, errors::INVALID_TOKEN)),
        };
        at += 1;
        let end = memchr::memchr(quote, &bytes[at..]);
        let literal = &text[at..end.map_or(text.len(), |n| at + n)];
        if let Some((i, _)) = literal.char_indices().find(|&(_, c)| c == '<' || !is_char(c)) {
            return Err((at + i, errors::INVALID_TOKEN));
        }
        let Some(n) = end else { return Ok(None) };
        attributes.push((attribute, literal.to_string()));
        at += n + 1;
    }
}
