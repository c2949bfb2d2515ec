import Directory
import Foundation
import ServiceKit
import Storage
import Values
import Web

/// The pages of Identity, and what they share.
struct IdentityPages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] {
        SignInPages(commands: commands, desk: desk).endpoints + PeoplePages(commands: commands, desk: desk).endpoints
            + PersonPages(commands: commands, desk: desk).endpoints + MePages(commands: commands, desk: desk).endpoints
            + LinkPages(commands: commands, desk: desk).endpoints
            + WelcomePages(commands: commands, desk: desk).endpoints
            + PasskeyPages(commands: commands, desk: desk).endpoints
            + SecondPages(commands: commands, desk: desk).endpoints
            + CompanyPages(commands: commands, desk: desk).endpoints
            + RecoveryPages(commands: commands, desk: desk).endpoints
            + ConfirmPages(commands: commands, desk: desk).endpoints + EndingPages().endpoints
            + PeopleSearch().endpoints
    }

    static let set = PageSet(
        templates: [
            "identity/sign-in": PackageResources.signin_mustache,
            "identity/password-field": PackageResources.password_field_mustache,
            "identity/link": PackageResources.link_mustache,
            "identity/people": PackageResources.people_mustache,
            "identity/new": PackageResources.new_mustache,
            "identity/person": PackageResources.person_mustache,
            "identity/token": PackageResources.token_mustache,
            "identity/me": PackageResources.me_mustache,
            "identity/welcome": PackageResources.welcome_mustache,
            "identity/confirm": PackageResources.confirm_mustache,
            "identity/sessions": PackageResources.sessions_mustache,
            "identity/suggestions": PackageResources.suggestions_mustache,
            "identity/fault": PackageResources.fault_mustache,
            "identity/passkey-sign-in": PackageResources.passkey_sign_in_mustache,
            "identity/passkey-new": PackageResources.passkey_new_mustache,
            "identity/my-passkeys": PackageResources.my_passkeys_mustache,
            "identity/person-passkeys": PackageResources.person_passkeys_mustache,
            "identity/second": PackageResources.second_mustache,
            "identity/codes": PackageResources.codes_mustache,
            "identity/code": PackageResources.code_mustache,
            "identity/handed-link": PackageResources.handed_link_mustache,
            "identity/company-accounts": PackageResources.company_accounts_mustache,
        ],
        english: PackageResources.en_json, russian: PackageResources.ru_json)

    static let navigation = [
        NavigationItem(title: "identity.people", path: "/people", access: PeopleAPI.admin, order: 300)
    ]

    /// The roles that the forms offer, in their order.
    static let roles = [Role.employee, Role.accountant, Role.manager, Role.boss, Role.admin]

    /// The message after a session or token was ended.
    static func said(ended session: Session, own: Bool) -> String {
        "identity.notice." + (own ? "own-" : "") + (session.kind == .program ? "token" : "session")
    }

    /// - Parameter path: the address that ends a session, without the session's id.
    static func model(_ sessions: [Session], _ call: Call, endedAt path: String) -> Model {
        .list(
            sessions.map { session in
                [
                    "id": .text(session.id.description), "end": .text(path + session.id.description),
                    "name": .text(session.name),
                    "program": .flag(session.kind == .program), "address": .text(session.address),
                    "device": .text(DeviceName.of(session.agent)),
                    "ways": .list(
                        session.ways.map { .text(set.texts[call.language]?["identity.way.\($0.rawValue)"] ?? "") }),
                    "scopes": scopes(session.scopes ?? [], call),
                    "isWide": .flag(session.kind == .program && session.scopes == nil),
                    "used": .time(session.used), "created": .time(session.created), "until": .time(session.until),
                    "current": .flag(session.id == call.session),
                ]
            })
    }

    /// What a program's token may change, in the reader's words; empty if it may only read.
    static func scopes(_ scopes: [String], _ call: Call) -> Model {
        .list(scopes.map { ["title": .text(set.texts[call.language]?["identity.scope.\($0)"] ?? $0)] })
    }

    /// The scopes as check boxes, ticked as they were sent.
    static func scopeBoxes(_ call: Call) -> Model {
        let held = scopes(in: call)
        return .list(
            Scope.all.map { scope in
                [
                    "name": .text(scope), "held": .flag(held.contains(scope)),
                    "title": .text(set.texts[call.language]?["identity.scope.\(scope)"] ?? scope),
                ]
            })
    }

    static func scopes(in call: Call) -> Set<String> {
        Set(Scope.all.filter { !call.field("scope-\($0)").isEmpty })
    }

    /// The roles as check boxes, ticked if the person has them, and the person's other roles as text.
    static func boxes(_ held: Set<String>) -> [String: Model] {
        [
            "roleBoxes": .list(
                roles.map { ["name": .text($0), "held": .flag(held.contains($0)), $0: true] }),
            "otherRoles": .text(held.subtracting(roles).sorted().joined(separator: " ")),
        ]
    }

    /// Roles in the reader's words; a role of the company's own keeps its name.
    static func titles(_ roles: Set<String>, _ call: Call) -> Model {
        .list(roles.sorted().map { .text(title(of: $0, call)) })
    }

    static func title(of role: String, _ call: Call) -> String {
        set.texts[call.language]?["identity.role.\(role)"] ?? role
    }

    /// The roles from the check boxes and the text field.
    static func roles(in call: Call) -> Set<String> {
        let other = call.field("other").replacing(",", by: " ").words()
        return Set(roles.filter { !call.field("role-\($0)").isEmpty } + other)
    }
}
