import CrackDriver
import Directory
import Foundation
import Identity
import ServiceKit
import Values
import Web

/// What `init` asks for. Each answer comes from a flag if it is given, otherwise from a question on the terminal,
/// otherwise from the default. Each answer is checked by the rule that always applies to it: a flag's before anything
/// is asked, a typed one at once, and then it is asked for again.
struct InitQuestions {
    struct Admin {
        let name: String
        let email: String
        let password: String
    }

    /// The values given by flags, by setting.
    let settings: [String: String]
    let name: String?
    let email: String?
    let passwordFile: String?

    private struct Question {
        let flag: String
        let words: String
        var given: String?
        var standard: String?
        let check: (String) throws -> Void
    }

    func answers() throws -> (settings: [String: String], admin: Admin) {
        let questions = [
            question(Settings.house.company, "Company"),
            question(Settings.house.currency, "Currency"),
            question(Settings.house.zone, "Time zone"),
            question(Settings.house.closingHour, "Closing hour"),
            question(Settings.house.publicAddress, "Public address"),
            Question(flag: "admin-name", words: "First admin's name", given: name) { _ = try PersonRules.name($0) },
            Question(flag: "admin-email", words: "First admin's e-mail", given: email) {
                _ = try PersonRules.email($0)
            },
        ]
        for question in questions { if let given = question.given { try check(given, question) } }
        var answers = settings
        for question in questions { answers[question.flag] = try answer(question) }
        let name = answers.removeValue(forKey: "admin-name") ?? ""
        let email = answers.removeValue(forKey: "admin-email") ?? ""
        let person = Person(
            id: ID(high: 0, low: 0), name: try PersonRules.name(name), email: try PersonRules.email(email),
            roles: [Role.admin], active: true)
        return (
            answers,
            Admin(name: name, email: email, password: try password(of: person, company: answers["company"] ?? ""))
        )
    }

    private func question<Value>(_ setting: Setting<Value>, _ words: String) -> Question {
        let name = setting.name
        return Question(flag: name, words: words, given: settings[name], standard: setting.standard) {
            _ = try setting.value(in: SettingValues([name: $0]))
        }
    }

    private func answer(_ question: Question) throws -> String {
        if let given = question.given { return given }
        guard Terminal.isInteractive else {
            guard let standard = question.standard else { throw Failure(.usage, "Give --\(question.flag).") }
            return standard
        }
        return try ask(question.flag) {
            let typed = try Terminal.ask(question.words, standard: question.standard)
            if let typed { try question.check(typed) }
            return typed
        }
    }

    private func check(_ given: String, _ question: Question) throws {
        do {
            try question.check(given)
        } catch let problem as Problem {
            throw Failure(.refused, "--\(question.flag): \(InitQuestions.words(problem))")
        } catch let error as SettingError {
            throw Failure(.configuration, error.description)
        }
    }

    /// The flag or the question already says what the error is about.
    private static func words(_ error: any Error) -> String {
        guard var problem = error as? Problem else { return Verb.failure(error).description }
        problem.field = nil
        return Verb.words(of: problem)
    }

    /// Typed twice, because it is not shown.
    private func password(of person: Person, company: String) throws -> String {
        let rules = PasswordRules(company: company, isGuessed: GuessedPasswords.contains)
        func check(_ password: String) throws -> String { try rules.checked(password, of: person) }
        if let passwordFile {
            let given = try Verb.password(file: passwordFile, question: "") ?? ""
            let question = Question(flag: "admin-password-file", words: "") { _ = try check($0) }
            try self.check(given, question)
            return given
        }
        guard Terminal.isInteractive else {
            throw Failure(.usage, "Give --admin-password-file (or - for standard input).")
        }
        let words = "First admin's password, at least \(PasswordRules.shortest) characters"
        return try ask("admin-password-file") {
            guard let typed = try Terminal.ask(words, hidden: true).map(check) else { return nil }
            guard try Terminal.ask("Once more", hidden: true) == typed else {
                throw Failure(.refused, "The two are not the same.")
            }
            return typed
        }
    }

    /// Asks until an answer is valid.
    private func ask(_ flag: String, _ question: () throws -> String?) throws -> String {
        while true {
            do {
                guard let answer = try question() else { break }
                return answer
            } catch {
                Terminal.complain(InitQuestions.words(error))
            }
        }
        throw Failure(.usage, "Nothing was typed. Give --\(flag).")
    }
}
