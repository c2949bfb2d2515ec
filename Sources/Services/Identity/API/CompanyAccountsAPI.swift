import Directory
import Schemas
import Storage
import Values
import Web

/// Accounts at the company's identity provider, for programs and for the command line: which there are, and removing
/// them.
struct CompanyAccountsAPI: Sendable {
    let commands: IdentityCommands

    var endpoints: [Endpoint] { [mine, ofPerson, removeOfPerson] }

    private func list(of person: ID, in transaction: any Transaction) throws -> Answer {
        .json(
            ListPart(try CompanyQueries.of(person, commands.sealing, in: transaction)), as: CompanyAccount.resource)
    }

    private var mine: Endpoint {
        .read(
            "/api/me/company-accounts", "One's own accounts at the company's identity provider", access: .staff,
            gives: .page(of: CompanyAccount.resource.schema)
        ) { call, transaction in try list(of: call.person().id, in: transaction) }
    }

    private var ofPerson: Endpoint {
        .read(
            "/api/people/{person}/company-accounts", "A person's accounts at the company's identity provider",
            access: PeopleAPI.admin, gives: .page(of: CompanyAccount.resource.schema)
        ) { call, transaction in
            try list(of: PeopleQueries.person(call.id("person"), in: transaction).id, in: transaction)
        }
    }

    private var removeOfPerson: Endpoint {
        Endpoint.command(
            .delete, "/api/people/{person}/company-accounts/{account}",
            "Forget that an account at the company's identity provider is this person's", access: PeopleAPI.admin,
            idempotent: false
        ) { [commands] call, transaction in
            try commands.removeCompanyAccount(
                call.id("account"), of: call.id("person"), CommandContext(call, transaction))
            return .nothing
        }.needing(.wayIn)
    }
}

extension CompanyAccount {
    /// An account at the provider as programs see it.
    static let resource = Resource<CompanyAccount>("CompanyAccount") {
        Field("id", \.id, "The account's id here")
        Field("person", \.person, "Whose it is")
        Field("issuer", \.issuer, "The identity provider")
        Field("subject", \.subject, "Who it is there")
        Field("created", \.created, "When the person first signed in with it")
        Field("used", \.used, "When it was last used; missing where it was not")
        Field("works", \.isOurs, "Whether it lets its person in")
    }
}
