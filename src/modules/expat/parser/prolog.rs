//! What may stand around the root element: the declaration, the document type, comments, instructions.

use super::*;

impl Parser {
    /// `<?xml ...?>` at the very start. None: there is none.
    pub(super) fn declaration(&mut self) -> Option<Advance> {
        if !std::mem::take(&mut self.declaration_allowed) || !self.nested.is_empty() {
            return None;
        }
        let rest = self.rest();
        if rest.len() < 6 && "<?xml ".starts_with(rest) && !self.is_final() {
            self.declaration_allowed = true;
            return Some(Ok(false));
        }
        if !rest.starts_with("<?xml") || !rest.as_bytes().get(5).is_some_and(|&b| is_space(b)) {
            return None;
        }
        let Some(end) = rest.find("?>") else {
            self.declaration_allowed = true;
            return Some(self.incomplete(errors::UNCLOSED_TOKEN));
        };
        let token = self.take(end + 2);
        let wrong = if self.kind == Kind::Document { errors::XML_DECL } else { errors::TEXT_DECL };
        Some(match parse_declaration(&token, self.kind != Kind::Document) {
            Some((version, encoding, standalone)) => {
                if standalone == 1 {
                    self.dtd.lock().standalone = true;
                }
                self.emit(Event::XmlDecl { version, encoding, standalone }, &token);
                Ok(true)
            }
            None => Err(wrong),
        })
    }

    /// `<?...?>` and `<!--...-->`, which may stand anywhere. None: it is something else.
    pub(super) fn miscellaneous(&mut self) -> Option<Advance> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix("<?") {
            let name = name_len(inside);
            if name == 0 {
                if rest.len() > 2 {
                    return Some(Err(self.error_at(2, errors::INVALID_TOKEN)));
                }
                return Some(self.incomplete(errors::UNCLOSED_TOKEN));
            }
            let Some(end) = rest.find("?>") else { return Some(self.incomplete(errors::UNCLOSED_TOKEN)) };
            let target = rest[2..2 + name].to_string();
            let data = &rest[(2 + name).min(end)..end];
            if !data.is_empty() && !is_space(data.as_bytes()[0]) {
                return Some(Err(self.error_at(2 + name, errors::INVALID_TOKEN)));
            }
            if let Some(bad) = rest[..end].chars().position(|c| !is_char(c)) {
                return Some(Err(self.error_at(bad, errors::INVALID_TOKEN)));
            }
            if target.eq_ignore_ascii_case("xml") {
                let code = if target == "xml" { errors::MISPLACED_XML_PI } else { errors::INVALID_TOKEN };
                return Some(Err(self.error_at(0, code)));
            }
            let data = newlines(&data[scan::space_len(data)..]);
            let token = self.take(end + 2);
            self.emit(Event::Instruction { target, data }, &token);
            return Some(Ok(true));
        }
        if let Some(inside) = rest.strip_prefix("<!--") {
            let Some(dashes) = inside.find("--") else { return Some(self.incomplete(errors::UNCLOSED_TOKEN)) };
            let end = 4 + dashes + 2;
            match rest.as_bytes().get(end) {
                None => return Some(self.incomplete(errors::UNCLOSED_TOKEN)),
                Some(b'>') => {}
                Some(_) => return Some(Err(self.error_at(end, errors::INVALID_TOKEN))),
            }
            if let Some((i, _)) = rest[..end].char_indices().find(|(_, c)| !is_char(*c)) {
                return Some(Err(self.error_at(i, errors::INVALID_TOKEN)));
            }
            let comment = newlines(&rest[4..end - 2]);
            let token = self.take(end + 1);
            self.emit(Event::Comment(comment), &token);
            return Some(Ok(true));
        }
        if rest.len() < 4 && ("<!--".starts_with(rest)) {
            return Some(self.incomplete(errors::UNCLOSED_TOKEN));
        }
        None
    }

    pub(super) fn prolog(&mut self) -> Advance {
        if let Some(done) = self.declaration() {
            return done;
        }
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        let rest = self.rest();
        if rest.starts_with("<!") {
            if rest.len() < 9 && "<!DOCTYPE".starts_with(rest) {
                return self.incomplete(errors::UNCLOSED_TOKEN);
            }
            if !rest.starts_with("<!DOCTYPE") || self.doctype_seen {
                return Err(self.error_at(2, errors::SYNTAX));
            }
            return self.doctype();
        }
        if let Some(after) = rest.strip_prefix('<') {
            if name_len(after) == 0 {
                return Err(self.error_at(1, errors::INVALID_TOKEN));
            }
            if !self.doctype_seen && self.foreign_dtd && self.parameter_parsing > 0 {
                self.doctype_seen = true;
                self.emit(Event::External { context: None, base: self.base.clone(), system: None, public: None }, "");
            }
            self.state = State::Content;
            return Ok(true);
        }
        // A word is read as a whole before it is found to be out of place.
        let word = name_len(rest);
        let after = rest[word..].chars().next();
        if word > 0 && after.is_some_and(|c| !" \t\r\n>),|[%?*+".contains(c)) {
            return Err(self.error_at(word, errors::INVALID_TOKEN));
        }
        let known = rest.chars().next().is_some_and(|c| is_char(c) && c != '&');
        Err(self.error_at(0, if known { errors::SYNTAX } else { errors::INVALID_TOKEN }))
    }

    /// `<!DOCTYPE` up to its `[` or `>`.
    pub(super) fn doctype(&mut self) -> Advance {
        let rest = self.rest();
        let mut quote = None;
        let end = rest.char_indices().find(|&(_, c)| match quote {
            Some(q) => {
                if c == q {
                    quote = None;
                }
                false
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                c == '[' || c == '>'
            }
        });
        let Some((end, mark)) = end else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let token = self.take(end + 1);
        let mut c = Cursor { rest: &token["<!DOCTYPE".len()..end] };
        if !c.space() {
            return Err(errors::INVALID_TOKEN);
        }
        let name = c.name()?.to_string();
        let spaced = c.space();
        let (mut system, mut public) = (None, None);
        if let Some((s, p)) = dtd::external_id(&mut c, false)? {
            if !spaced {
                return Err(errors::INVALID_TOKEN);
            }
            (system, public) = (s, p);
        }
        c.space();
        if !c.rest.is_empty() {
            return Err(errors::SYNTAX);
        }
        let internal = mark == '[';
        self.doctype_seen = true;
        if system.is_some() && !self.dtd.lock().standalone {
            self.emit(Event::NotStandalone, "");
        }
        let start = Event::StartDoctype { name, system: system.clone(), public: public.clone(), internal };
        self.emit(start, &token);
        self.doctype = Some((system, public));
        if internal {
            self.state = State::Subset;
        } else {
            self.end_doctype("");
        }
        Ok(true)
    }

    pub(super) fn end_doctype(&mut self, raw: &str) {
        let (system, public) = self.doctype.take().unwrap_or_default();
        let foreign = system.is_none() && self.foreign_dtd;
        let external = system.is_some() || foreign;
        if external {
            let standalone = {
                let mut dtd = self.dtd.lock();
                dtd.has_parameter_refs = true;
                dtd.standalone
            };
            if self.parameter_parsing == 2 || (self.parameter_parsing == 1 && !standalone) {
                let base = self.base.clone();
                self.emit(Event::External { context: None, base, system, public }, "");
            } else {
                self.dtd.lock().complete = false;
            }
            if foreign && !standalone {
                self.emit(Event::NotStandalone, "");
            }
        }
        self.emit(Event::EndDoctype, raw);
        self.state = State::Prolog;
    }

    /// The document type's declarations.
    pub(super) fn subset(&mut self) -> Advance {
        let external = self.kind == Kind::Subset || !self.nested.is_empty();
        if self.kind == Kind::Subset
            && let Some(done) = self.declaration()
        {
            return done;
        }
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        let rest = self.rest();
        if rest.starts_with(']') && !external {
            let gap = scan::space_len(&rest[1..]);
            match rest.as_bytes().get(1 + gap) {
                None => return self.incomplete(errors::UNCLOSED_TOKEN),
                Some(b'>') => {}
                Some(_) => return Err(self.error_at(1 + gap, errors::SYNTAX)),
            }
            let token = self.take(2 + gap);
            self.end_doctype(&token);
            return Ok(true);
        }
        if rest.starts_with("]]>") && external {
            let token = self.take(3);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(inside) = rest.strip_prefix('%') {
            let name = name_len(inside);
            match rest.as_bytes().get(1 + name) {
                None => return self.incomplete(errors::UNCLOSED_TOKEN),
                Some(b';') if name > 0 => {}
                Some(_) => return Err(self.error_at(1 + name, errors::INVALID_TOKEN)),
            }
            let name = rest[1..1 + name].to_string();
            let token = self.take(name.len() + 2);
            return self.parameter_reference(&name, &token);
        }
        if rest.starts_with("<![") {
            return if external { self.conditional() } else { Err(self.error_at(2, errors::SYNTAX)) };
        }
        if !rest.starts_with('<') {
            return Err(self.error_at(0, errors::SYNTAX));
        }
        let Some(end) = tag_end(rest) else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let token = self.take(end);
        let declaration = if external && token.contains('%') {
            // A parameter entity's own mark is not a reference.
            let head = if token.starts_with("<!ENTITY") { token.find('%').map_or(0, |i| i + 1) } else { 0 };
            let replaced = self.dtd.lock().replace_parameters(&token[head..])?;
            format!("{}{replaced}", &token[..head])
        } else {
            token.clone()
        };
        let base = self.base.clone();
        let events = {
            let mut dtd = self.dtd.lock();
            if declaration.starts_with("<!ENTITY") {
                dtd.entity(&declaration, base.as_deref(), external)?
            } else if declaration.starts_with("<!ATTLIST") {
                dtd.attlist(&declaration)?
            } else if declaration.starts_with("<!ELEMENT") {
                dtd.element(&declaration)?
            } else if declaration.starts_with("<!NOTATION") {
                dtd.notation(&declaration)?
            } else {
                return Err(errors::SYNTAX);
            }
        };
        if events.is_empty() {
            self.emit(Event::Other, &token);
        }
        let mut raw = &token[..];
        for event in events {
            self.emit(event, raw);
            raw = "";
        }
        Ok(true)
    }

    pub(super) fn parameter_reference(&mut self, name: &str, token: &str) -> Advance {
        let (entity, standalone) = {
            let mut dtd = self.dtd.lock();
            dtd.has_parameter_refs = true;
            (dtd.parameter.get(name).cloned(), dtd.standalone)
        };
        if self.parameter_parsing == 0 {
            // None of them is looked into.
            self.dtd.lock().complete &= standalone;
            self.emit(Event::Other, token);
            if !standalone {
                self.emit(Event::NotStandalone, "");
            }
            return Ok(true);
        }
        match entity {
            Some(Entity { value: Some(text), .. }) => {
                if self.nested.iter().any(|nested| nested.name == name) {
                    return Err(errors::RECURSIVE_ENTITY_REF);
                }
                self.grow(text.len())?;
                self.emit(Event::Other, token);
                let depth = self.elements.len();
                self.nested.push(Nested { name: name.to_string(), text, at: 0, depth, state: State::Subset });
            }
            Some(entity) if self.parameter_parsing == 2 || (self.parameter_parsing == 1 && !standalone) => {
                let Entity { base, system, public, .. } = entity;
                self.emit(Event::External { context: None, base, system, public }, "");
            }
            _ => {
                self.dtd.lock().complete = false;
                self.emit(Event::Skipped { name: name.to_string(), parameter: true }, token);
                if !standalone {
                    self.emit(Event::NotStandalone, "");
                }
            }
        }
        Ok(true)
    }

    /// `<![INCLUDE[` and `<![IGNORE[`.
    pub(super) fn conditional(&mut self) -> Advance {
        let rest = self.rest();
        let Some(open) = rest[3..].find('[') else { return self.incomplete(errors::UNCLOSED_TOKEN) };
        let word = self.dtd.lock().replace_parameters(&rest[3..3 + open])?;
        let open = 3 + open + 1;
        match word.trim_matches([' ', '\t', '\n', '\r']) {
            "INCLUDE" => {
                let token = self.take(open);
                self.emit(Event::Other, &token);
                Ok(true)
            }
            "IGNORE" => {
                let rest = self.rest();
                let (mut depth, mut at) = (1, open);
                while depth > 0 {
                    let Some(n) = rest[at..].find(['<', ']']) else { return self.incomplete(errors::UNCLOSED_TOKEN) };
                    at += n;
                    if rest[at..].starts_with("<![") {
                        (depth, at) = (depth + 1, at + 3);
                    } else if rest[at..].starts_with("]]>") {
                        (depth, at) = (depth - 1, at + 3);
                    } else {
                        at += 1;
                    }
                }
                let token = self.take(at);
                self.emit(Event::Other, &token);
                Ok(true)
            }
            _ => Err(self.error_at(3, errors::SYNTAX)),
        }
    }

    pub(super) fn epilog(&mut self) -> Advance {
        let spaces = scan::space_len(self.rest());
        if spaces > 0 {
            let token = self.take(spaces);
            self.emit(Event::Other, &token);
            return Ok(true);
        }
        if let Some(done) = self.miscellaneous() {
            return done;
        }
        Err(self.error_at(0, errors::JUNK_AFTER_DOC_ELEMENT))
    }
}

type Declaration = (Option<String>, Option<String>, i64);

/// `<?xml version=... encoding=... standalone=...?>`
fn parse_declaration(token: &str, text_declaration: bool) -> Option<Declaration> {
    let mut c = Cursor { rest: &token[5..token.len() - 2] };
    let (mut version, mut encoding, mut standalone) = (None, None, -1);
    let value = |c: &mut Cursor<'_>, name: &str| -> Option<Option<String>> {
        let before = c.rest;
        if !c.space() || !c.eat(name) {
            c.rest = before;
            return Some(None);
        }
        c.space();
        if !c.eat("=") {
            return None;
        }
        c.space();
        c.literal().ok().map(|literal| Some(literal.to_string()))
    };
    if let Some(v) = value(&mut c, "version")? {
        if !v.starts_with("1.") && v != "1.0" {
            return None;
        }
        version = Some(v);
    } else if !text_declaration {
        return None;
    }
    if let Some(v) = value(&mut c, "encoding")? {
        let ok = v.starts_with(|c: char| c.is_ascii_alphabetic())
            && v.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !ok {
            return None;
        }
        encoding = Some(v);
    } else if text_declaration {
        return None;
    }
    if !text_declaration && let Some(v) = value(&mut c, "standalone")? {
        standalone = match v.as_str() {
            "yes" => 1,
            "no" => 0,
            _ => return None,
        };
    }
    c.space();
    c.rest.is_empty().then_some((version, encoding, standalone))
}
