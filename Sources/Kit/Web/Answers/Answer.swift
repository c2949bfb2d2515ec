/// What an endpoint answers.
package struct Answer: Sendable {
    package enum Content: Sendable {
        case none
        case bytes([UInt8], type: String)
        /// A template of the service, filled and put in the layout. `title` is a catalogue key or plain text.
        case page(template: String, title: String, model: Model)
        /// A template filled, without the layout.
        case fragment(template: String, model: Model)
    }

    package var status: Int
    package var content: Content
    package var headers: [(name: String, value: String)] = []
    /// Cookies to set; see ``Cookie``.
    package var cookies: [Cookie] = []
    /// What was wrong with the form that this answer shows again. The runner sets it.
    var problem: Problem?
    /// A message that the next page shows once.
    var said: Said?

    package init(status: Int, content: Content = .none) {
        self.status = status
        self.content = content
    }

    package static let nothing = Answer(status: 204)

    /// 303: redirects after a form is done.
    package static func redirect(to location: String) -> Answer {
        var answer = Answer(status: 303)
        answer.headers.append(("Location", location))
        return answer
    }

    package static func page(_ template: String, title: String, _ model: Model, status: Int = 200) -> Answer {
        Answer(status: status, content: .page(template: template, title: title, model: model))
    }

    package static func fragment(_ template: String, _ model: Model) -> Answer {
        Answer(status: 200, content: .fragment(template: template, model: model))
    }

    /// A file to download, UTF-8 with the given name.
    package static func csv(_ text: String, name: String) -> Answer {
        var answer = Answer(status: 200, content: .bytes(Array(text.utf8), type: "text/csv; charset=utf-8"))
        answer.headers.append(("Content-Disposition", "attachment; filename=\"\(name)\""))
        return answer
    }

    /// A mark that the entrance, or the gateway, replaces with the answer of the fragment endpoint at `path`, requested
    /// for the same caller. If that service is down, a line says so instead. Put it in a template with three braces.
    package static func include(_ path: String) -> Model {
        .text(IncludingPage.mark(path))
    }
}
