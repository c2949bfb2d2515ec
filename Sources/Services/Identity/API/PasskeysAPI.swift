import Directory
import Schemas
import Storage
import Values
import Web

/// Passkeys for programs and for the command line: which there are, and removing them. Only browsers make and use them.
struct PasskeysAPI: Sendable {
    let commands: IdentityCommands

    var endpoints: [Endpoint] { [mine, ofPerson, removeMine, removeOfPerson] }

    private func list(of person: ID, in transaction: any Transaction) throws -> Answer {
        .json(ListPart(try PasskeyQueries.of(person, commands.sealing, in: transaction)), as: Passkey.resource)
    }

    private var mine: Endpoint {
        .read(
            "/api/me/passkeys", "One's own passkeys", access: .staff, gives: .page(of: Passkey.resource.schema)
        ) { call, transaction in try list(of: call.person().id, in: transaction) }
    }

    private var ofPerson: Endpoint {
        .read(
            "/api/people/{person}/passkeys", "The passkeys of a person", access: PeopleAPI.admin,
            gives: .page(of: Passkey.resource.schema)
        ) { call, transaction in
            try list(of: PeopleQueries.person(call.id("person"), in: transaction).id, in: transaction)
        }
    }

    private var removeMine: Endpoint {
        Endpoint.command(
            .delete, "/api/me/passkeys/{passkey}", "Remove one's own passkey", access: .staff, idempotent: false
        ) { [commands] call, transaction in
            try commands.removePasskey(call.id("passkey"), of: call.person().id, CommandContext(call, transaction))
            return .nothing
        }.needing(.personal)
    }

    private var removeOfPerson: Endpoint {
        Endpoint.command(
            .delete, "/api/people/{person}/passkeys/{passkey}", "Remove a passkey of a person, who has lost the device",
            access: PeopleAPI.admin, idempotent: false
        ) { [commands] call, transaction in
            try commands.removePasskey(call.id("passkey"), of: call.id("person"), CommandContext(call, transaction))
            return .nothing
        }.needing(.wayIn)
    }
}

extension Passkey {
    /// A passkey as programs see it.
    static let resource = Resource<Passkey>("Passkey") {
        Field("id", \.id, "The passkey's id")
        Field("person", \.person, "Whose it is")
        Field("name", \.name, "What the person calls it")
        Field("created", \.created, "When it was made")
        Field("used", \.used, "When it was last used; missing where it was not")
        Field("backedUp", \.isBackedUp, "Whether it is on more devices than one, as its maker tells")
        Field(
            "suspect", \.suspect,
            "When its counter went back, as if there were a copy: it lets nobody in; missing where it did not")
        Field("works", \.isUsable, "Whether it lets its person in")
    }
}
