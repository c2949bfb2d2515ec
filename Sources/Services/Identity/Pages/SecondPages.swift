import Directory
import Storage
import Values
import Web

/// The second step of signing in: a passkey, the first passkey, or a recovery code.
struct SecondPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [use, make, code] }

    private var step: SecondStep { SecondStep(commands: commands, desk: desk) }
    private var work: PasskeyWork { PasskeyWork(commands: commands, desk: desk) }

    /// The page again, as long as the first step holds; after that, the page where one begins.
    private func again(_ statuses: Set<Int>) -> Endpoint.Again {
        { [commands, step] call, problem, transaction in
            guard statuses.contains(problem.status) else { return nil }
            do {
                let first = try step.first(call, in: transaction)
                return try step.page(first, next: call.field("next"), call, in: transaction)
            } catch let late as Problem where late == SecondStep.late {
                return SignInPages.filled(call, commands)
            }
        }
    }

    private var use: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in/second", "Sign in, second step: a passkey", access: .anyone, idempotent: false,
            again: again([401, 429])
        ) { [step, work] call, transaction in
            let person = try work.owner(call, in: transaction)
            return try step.begin(step.first(call, in: transaction), person, then: .passkey, call, in: transaction)
        }
        endpoint.before = { [desk, step, work] call in
            let first = try desk.look { try step.first(call, in: $0) }
            return try work.take(call, of: first.person, bound: first.bound)
        }
        return endpoint
    }

    private var make: Endpoint {
        .form(
            "/sign-in/second/new", "Sign in, second step: the first passkey", access: .anyone, idempotent: false,
            again: again([401, 422])
        ) { [commands, step] call, transaction in
            let claimed = try step.first(call, in: transaction).person
            let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: claimed)
            let person = try commands.locked(claimed, act)
            // Once more, now that nobody can change the password.
            let first = try step.first(call, in: transaction)
            // Whoever has one uses it: the password alone must not make another.
            guard person.active, try !PasskeyQueries.has(person.id, in: transaction) else { throw PasskeyWork.wrong }
            try commands.addPasskey(
                call.field("response"), named: PasskeyPages.name(call), of: person.id, bound: first.bound, act)
            return try step.begin(first, person, then: .passkey, call, in: transaction)
        }
    }

    private var code: Endpoint {
        var endpoint = Endpoint.form(
            "/sign-in/second/code", "Sign in, second step: a recovery code", access: .anyone, idempotent: false,
            again: again([401, 429])
        ) { [step, work] call, transaction in
            let first = try step.first(call, in: transaction)
            let person = try work.codeOwner(call, in: transaction) {
                guard $0.id == first.person else { throw PasskeyWork.wrongCode }
            }
            // Once more, now that nobody can change the password.
            return try step.begin(step.first(call, in: transaction), person, then: .code, call, in: transaction)
        }
        endpoint.before = { [desk, step, work] call in
            let email = try desk.look { transaction in
                try PeopleQueries.person(step.first(call, in: transaction).person, in: transaction).email
            }
            return try work.takeCode(call, email: email)
        }
        return endpoint
    }
}
