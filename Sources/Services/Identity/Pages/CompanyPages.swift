import Directory
import Storage
import Values
import Web

/// Signing in, and confirming who one is, with the account at the company's identity provider.
struct CompanyPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [leave, confirm, back, askRemoving, remove] }

    private var work: CompanyWork? { CompanyWork(commands: commands, desk: desk) }

    // MARK: Going there

    private var leave: Endpoint {
        var endpoint = Endpoint.page(
            CompanyProvider.path, "Go to the company's identity provider to sign in", access: .anyone
        ) { [work] call, transaction in
            guard let work else { throw Problem.notFound }
            return try work.leave(call, .company, next: call.query("next"), in: transaction)
        }
        endpoint.again = { [commands] call, problem, _ in
            [401, 503].contains(problem.status) ? CompanyPages.otherWays(call, commands, after: problem) : nil
        }
        return asking(endpoint)
    }

    private var confirm: Endpoint {
        var endpoint = Endpoint.page(
            EndpointRunner.proofPage + "/company", "Go to the company's identity provider to confirm who one is",
            access: .staff
        ) { [work] call, transaction in
            guard let work else { throw Problem.notFound }
            return try work.leave(
                call, .companyProof, for: call.person().id, next: call.query("next"), in: transaction)
        }
        endpoint.again = { [commands] call, problem, transaction in
            guard [401, 503].contains(problem.status) else { return nil }
            return try ConfirmPages.filled(call, commands, next: call.query("next"), transaction)
        }
        return asking(endpoint)
    }

    private func asking(_ endpoint: Endpoint) -> Endpoint {
        var endpoint = endpoint
        endpoint.waitsOutside = true
        endpoint.before = { [work] call in try work?.ask(call) ?? call }
        return endpoint
    }

    /// The sign-in page. What does not work now is not offered first.
    private static func otherWays(
        _ call: Call, _ commands: IdentityCommands, after problem: Problem, next: String? = nil
    ) -> Answer {
        SignInPages.filled(call, commands, first: problem.status == 503 ? .password : .company, next: next)
    }

    // MARK: Coming back

    private var back: Endpoint {
        var endpoint = Endpoint.landing(
            CompanyProvider.backPath, "Back from the company's identity provider", access: .anyone,
            again: { [commands] call, problem, transaction in
                guard [401, 403, 429, 503].contains(problem.status) else { return nil }
                let attempt = CompanyWork.attempt(call)
                if call.caller != nil, attempt?.purpose == .companyProof {
                    return try ConfirmPages.filled(call, commands, next: attempt?.next, transaction)
                }
                return CompanyPages.otherWays(call, commands, after: problem, next: attempt?.next)
            }
        ) { [commands, desk, work] call, transaction in
            guard let work else { throw Problem.notFound }
            let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: nil)
            let (token, attempt) = try work.proven(call, act)
            let (person, isNew) = try commands.person(of: token, work.company, act)
            var answer: Answer
            if attempt.purpose == .companyProof {
                guard person.id == call.caller?.id, person.id == attempt.ticket.person else {
                    throw Problem(403, "identity.company-not-you")
                }
                answer = try ConfirmPages.proven(call, commands, next: attempt.next, but: .company, transaction)
            } else {
                // Other services may not know a newcomer yet, so the first page is one of Identity's own.
                answer = try SecondStep(commands: commands, desk: desk).enter(
                    person, by: .company, next: isNew ? "/me" : attempt.next, call, in: transaction)
            }
            answer.cookies.append(CompanyWork.done)
            return answer
        }
        endpoint.waitsOutside = true
        endpoint.before = { [work] call in try work?.take(call) ?? call }
        return endpoint
    }

    /// What a button does with the account, which has the name that the settings give it.
    static func text(_ key: String, _ call: Call, _ commands: IdentityCommands) -> String {
        let name = commands.settings.company?.name ?? ""
        let account =
            name.isEmpty ? IdentityPages.set.text("identity.company.account", call.language) : name
        return IdentityPages.set.text("identity.company." + key, call.language, ["account": account])
    }

    // MARK: Whose it is

    private var askRemoving: Endpoint {
        .page(
            "/people/{person}/company-accounts/{account}", "What removing a person's company account does",
            access: PeopleAPI.admin
        ) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let (id, path) = (try call.id("account"), "/people/\(person.id)")
            guard let account = try CompanyQueries.find(id, of: person.id, commands.sealing, in: transaction) else {
                return .redirect(to: path)
            }
            func text(_ key: String) -> String {
                IdentityPages.set.text(
                    "identity.company.remove." + key, call.language, ["name": person.name, "issuer": account.issuer])
            }
            return .asking(
                Confirmation(
                    title: text("title"), button: "identity.company.remove", lines: [text("about")],
                    action: "\(path)/company-accounts/\(id)", back: path))
        }.needing(.wayIn)
    }

    private var remove: Endpoint {
        .form(
            "/people/{person}/company-accounts/{account}", "Remove a person's company account", access: PeopleAPI.admin
        ) { [commands] call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            try commands.removeCompanyAccount(call.id("account"), of: person.id, CommandContext(call, transaction))
            return .redirect(to: "/people/\(person.id)").saying(
                "identity.notice.company-removed", ["name": person.name])
        }.needing(.wayIn)
    }

    /// The part of one's own page and of a person's page about accounts at the provider.
    /// - Parameter mayRemove: whether the reader is an admin, on a person's page.
    static func model(
        of person: ID, mayRemove: Bool, _ commands: IdentityCommands, _ transaction: any Transaction
    ) throws -> [String: Model] {
        let accounts = try CompanyQueries.of(person, commands.sealing, in: transaction)
        return [
            "hasCompanyAccounts": .flag(!accounts.isEmpty), "mayRemoveAccounts": .flag(mayRemove),
            "companyAccounts": .list(
                accounts.map { account in
                    [
                        "id": .text(account.id.description), "issuer": .text(account.issuer),
                        "subject": .text(account.subject), "isForeign": .flag(!account.isOurs),
                        "remove": .text("/people/\(person)/company-accounts/\(account.id)"),
                        "created": .time(account.created), "used": .time(account.used),
                    ]
                }),
        ]
    }
}
