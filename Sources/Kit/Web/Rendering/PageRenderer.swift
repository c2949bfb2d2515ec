import Directory
import Foundation
import Mustache
import Values

/// Turns the answers of endpoints into HTML. The templates of all services and the kit's layout are compiled once for
/// each language.
package final class PageRenderer: Sendable {
    private let libraries: [Language: MustacheLibrary]
    private let names: Set<String>
    /// The templates of pages that load the script for passkeys.
    private let askingForPasskeys: Set<String>
    private let catalogue: Catalogue
    private let navigation: [NavigationItem]
    private let company: Company

    /// - Throws: ``PagesError`` for a template that cannot be compiled, a text that is missing in a language, or a name
    ///   with nothing behind it.
    package init(sets: [PageSet], navigation: [NavigationItem], company: Company) throws {
        _ = EscapedMarkup.registered
        let sets = [PageSet.kit(), PageSet.endpoints()] + sets
        catalogue = try Catalogue(sets: sets)
        var problems: [String] = []
        var templates: [String: String] = [:]
        for set in sets {
            for (name, text) in set.templates where templates.updateValue(text, forKey: name) != nil {
                problems.append("template \(name) is defined twice")
            }
        }
        for item in navigation where catalogue.text(item.title, .english) == nil {
            problems.append("navigation: no text \(item.title)")
        }
        var libraries: [Language: MustacheLibrary] = [:]
        for language in Language.allCases {
            libraries[language] = Self.compile(templates, catalogue, language, &problems)
        }
        guard problems.isEmpty else { throw PagesError(problems: Set(problems).sorted()) }
        self.libraries = libraries
        names = Set(templates.keys)
        askingForPasskeys = Self.names(with: "data-passkey=", in: templates)
        self.navigation = navigation.sorted { ($0.order, $0.path) < ($1.order, $1.path) }
        self.company = company
    }

    /// Fills a template and puts it in the layout. `title` is a catalogue key, whose places are filled from the model's
    /// texts, or plain text.
    package func page(template: String, title: String, model: Model, context: PageContext) throws -> [UInt8] {
        var layout = layout(context)
        // What is there before `live.js` hears of each of its updates.
        let scripts =
            ["popug.js"] + (askingForPasskeys.contains(template) ? ["passkeys.js"] : []) + ["live.js", "find.js"]
        layout["scripts"] = .list(scripts.map { .text(Asset.address($0)) })
        layout["title"] = .text(text(title, values: Self.texts(of: model), language: context.language))
        layout["content"] = .text(try rendered(template, model: model, outer: layout, context))
        return Array(try rendered("kit/layout", model: .object(layout), outer: [:], context).utf8)
    }

    /// Fills a template, without the layout.
    package func fragment(template: String, model: Model, context: PageContext) throws -> [UInt8] {
        Array(try rendered(template, model: model, outer: common(context), context).utf8)
    }

    /// The error page for a person: what is wrong, what to do, where to go, and the request's id.
    package func error(_ problem: Problem, context: PageContext) throws -> [UInt8] {
        let values = shown(problem.values, context.language)
        let title = text("problem." + problem.key, values: values, language: context.language)
        let todo = catalogue.text("problem.\(problem.key).todo", context.language)
        return try page(
            template: "kit/error", title: title,
            model: [
                "status": .text(String(problem.status)),
                "problem": .text(title),
                "todo": .text(todo.map { Catalogue.fill($0, values) } ?? ""),
                "signIn": .flag(problem.status == 401),
                "request": .text(context.requestID),
            ],
            context: context)
    }

    /// A problem's text for a fragment, which has room for one line: its title and what to do.
    package func words(of problem: Problem, _ language: Language) -> String {
        let words = Catalogue.words(of: problem.key, in: catalogue.texts[language] ?? [:])
        return Catalogue.fill(words ?? "problem." + problem.key, shown(problem.values, language))
    }

    /// A problem's values in the form for people. Programs get a day as `2026-11-28`.
    private func shown(_ values: [String: String], _ language: Language) -> [String: String] {
        let format = Format(language: language, company: company)
        return values.mapValues { value in Day(value).map { format.day($0) } ?? value }
    }

    /// A text of the catalogue with its `{{name}}` places filled, not escaped. Text that is not a key is returned as it
    /// is.
    package func text(_ key: String, values: [String: String], language: Language) -> String {
        guard let text = catalogue.text(key, language) else { return key }
        return Catalogue.fill(text, values)
    }

    /// A service's name for people: the text `tracker.part`, or the service's own name if there is none.
    package func part(_ service: String, _ language: Language) -> String {
        catalogue.text(service + ".part", language) ?? service
    }

    /// 503: no process of a service can be reached.
    package func away(_ service: String, _ language: Language) -> Problem {
        Problem(503, "gateway.away", values: ["part": part(service, language)], retryAfter: 5)
    }

    /// Whether the catalogue has the key.
    package func hasText(_ key: String) -> Bool {
        catalogue.text(key, .english) != nil
    }

    /// Every problem that an answer may contain, by key: its title and, if there is more to say, what to do. Values
    /// that only a real answer has are shown as `…`.
    package func problems(_ language: Language) -> [(key: String, title: String, todo: String)] {
        let texts = catalogue.texts[language] ?? [:]
        return texts.keys.filter { $0.hasPrefix("problem.") && !$0.hasSuffix(".todo") }.sorted().map { key in
            let shown = [key, key + ".todo"].map {
                (texts[$0] ?? "").replacing(/\{\{[^}]*\}\}/, with: "…")
            }
            return (String(key.dropFirst("problem.".count)), shown[0], shown[1])
        }
    }

    private func rendered(
        _ template: String, model: Model, outer: [String: Model], _ context: PageContext
    ) throws -> String {
        var values: [String: Model] = [:]
        if case .object(let given) = model { values = given }
        let reader = PageReader(
            format: Format(language: context.language, company: company), now: context.at,
            texts: catalogue.texts[context.language] ?? [:])
        let page = PageModel(values, outer: outer, for: reader)
        guard let text = libraries[context.language]?.render(page, withTemplate: template) else {
            throw PagesError(problems: ["no template \(template)"])
        }
        return text
    }

    private static func texts(of model: Model) -> [String: String] {
        guard case .object(let values) = model else { return [:] }
        return values.compactMapValues { value in
            if case .text(let text) = value { text } else { nil }
        }
    }

    private static func compile(
        _ templates: [String: String], _ catalogue: Catalogue, _ language: Language, _ problems: inout [String]
    ) -> MustacheLibrary {
        var library = MustacheLibrary()
        for (name, text) in templates {
            var missing: Set<String> = []
            let filled = times(catalogue.filled(text, language, missing: &missing))
            problems += missing.map { "template \(name): no text \($0)" }
            problems += partials(of: text).filter { templates[$0] == nil }.map { "template \(name): no template \($0)" }
            do {
                try library.register(EscapedMarkup.pragma + "\n" + filled, named: name)
            } catch {
                problems.append("template \(name) (\(language.rawValue)): \(error)")
            }
        }
        return library
    }

    /// The template with each `<time>{{name}}</time>` expanded.
    private static func times(_ template: String) -> String {
        template.replacing(/<time>\{\{([^}]+)\}\}<\/time>/) { match in
            // Its text is HTML already.
            match.1 == "." ? "{{{element}}}" : "{{{\(match.1).element}}}"
        }
    }

    /// The names of templates in which the text stands, or in one that they include.
    private static func names(with text: String, in templates: [String: String]) -> Set<String> {
        var found = Set(templates.filter { $0.value.firstRange(of: text) != nil }.keys)
        while true {
            let more = templates.filter { !found.contains($0.key) && !found.isDisjoint(with: partials(of: $0.value)) }
            guard !more.isEmpty else { return found }
            found.formUnion(more.keys)
        }
    }

    /// The names of templates that a template includes.
    private static func partials(of template: String) -> [String] {
        var names: [String] = []
        var rest = template[...]
        while let open = rest.firstRange(of: "{{>"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            names.append(rest[open.upperBound..<close.lowerBound].trimmingCharacters(in: .whitespaces))
            rest = rest[close.upperBound...]
        }
        return names
    }
}

extension PageRenderer {
    /// The values that every template can use.
    private func common(_ context: PageContext) -> [String: Model] {
        let back = context.path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? "/"
        var values: [String: Model] = [
            "csrf": .text(context.csrf), "once": .text(context.once), "lang": .text(context.language.rawValue),
            "currency": .text(company.currency), "company": .text(company.name), "path": .text(context.path),
            "back": .text(back), "requestID": .text(context.requestID), "signedIn": .flag(context.person != nil),
            "me": .none,
        ]
        if let person = context.person {
            values["me"] = [
                "name": .text(person.name), "id": .text(person.id.description),
                "initials": .text(Self.initials(person.name)),
            ]
        }
        if let problem = context.problem { values["problem"] = shown(problem, context.language) }
        return values
    }

    /// The values that the layout and every page can use. A page has many fragments, which do without them.
    private func layout(_ context: PageContext) -> [String: Model] {
        var values = common(context)
        let more: [String: Model] = [
            "zone": .text(company.calendar.zone.identifier),
            "printedAt": .text(Format(language: context.language, company: company).time(context.at)),
            "theme": .text(context.theme ?? ""), "isLight": .flag(context.theme == "light"),
            "isDark": .flag(context.theme == "dark"), "isSystem": .flag(context.theme == nil),
            "isEnglish": .flag(context.language == .english), "isRussian": .flag(context.language == .russian),
            "css": .text(Asset.address("popug.css")),
            "icon": .text(Asset.address("icon.svg")), "groups": .none, "said": .none,
            "at": .text(String(context.at.milliseconds)),
        ]
        values.merge(more) { $1 }
        if let said = context.said, let text = catalogue.text(said.key, context.language) {
            values["said"] = .text(said.markup(text))
        }
        if let person = context.person { values["groups"] = .list(groups(for: person, context)) }
        return values
    }

    /// What a form that is shown again can use of its problem: `{{#problem.at.title}}` at the field, and
    /// `{{#problem.elsewhere}}` above the form for a problem without a field.
    private func shown(_ problem: Problem, _ language: Language) -> Model {
        let values = shown(problem.values, language)
        let todo = catalogue.text("problem.\(problem.key).todo", language).map { Catalogue.fill($0, values) }
        let title = text("problem." + problem.key, values: values, language: language)
        return [
            "text": .text(title), "todo": .text(todo ?? ""),
            "words": .text(words(of: problem, language)), "at": .object(problem.field.map { [$0: true] } ?? [:]),
            "elsewhere": .flag(problem.field == nil),
        ]
    }

    /// The navigation entries that a person may open.
    private func open(to person: Person) -> [NavigationItem] {
        navigation.filter { item in
            switch item.access {
            case .anyone: true
            case .staff: person.isStaff
            case .inside: false
            case .holding(let roles): person.holds(anyOf: roles)
            }
        }
    }

    /// The navigation pages whose titles match: each word of the text must begin a word of the title.
    func links(named text: String, for person: Person, _ language: Language) -> [(title: String, path: String)] {
        let wanted = FoldedText.words(text)
        guard !wanted.isEmpty else { return [] }
        return open(to: person).compactMap { item in
            let title = self.text(item.title, values: [:], language: language)
            let words = FoldedText.words(title)
            return wanted.allSatisfy { word in words.contains { $0.begins(with: word) } } ? (title, item.path) : nil
        }
    }

    private func groups(for person: Person, _ context: PageContext) -> [Model] {
        let open = open(to: person)
        let under = { (item: NavigationItem) in item.path != "/" && context.path.begins(with: item.path + "/") }
        let current = open.filter { $0.path == context.path || under($0) }
            .max { $0.path.utf8.count < $1.path.utf8.count }
        let groups = [(100, "web.nav.work"), (200, "web.nav.money"), (300, "web.nav.administration")]
        return groups.compactMap { first, title in
            let items = open.filter { (first..<first + 100).contains($0.order) }
            guard !items.isEmpty else { return nil }
            return [
                "title": .text(text(title, values: [:], language: context.language)),
                "items": .list(
                    items.map { item in
                        [
                            "title": .text(text(item.title, values: [:], language: context.language)),
                            "path": .text(item.path), "current": .flag(item.path == current?.path),
                            "count": item.count.map { .text(IncludingPage.mark($0, quiet: true)) } ?? .none,
                        ]
                    }),
            ]
        }
    }

    private static func initials(_ name: String) -> String {
        FoldedText.words(name).prefix(2).map { $0.beginning(1).uppercased() }.joined()
    }
}
