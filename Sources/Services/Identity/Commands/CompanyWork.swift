import OpenIDConnect
import Storage
import Values
import Web

/// Sends a browser to the company's identity provider, and takes back what it brings from there. An attempt is a ticket
/// in a cookie; its secrets are computed from it, so nothing is stored.
struct CompanyWork: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork
    let company: CompanyProvider
    let client: ProviderClient

    /// `nil` if there is no provider.
    init?(commands: IdentityCommands, desk: PasswordWork) {
        guard let company = commands.settings.company, let client = desk.provider else { return nil }
        (self.commands, self.desk, self.company, self.client) = (commands, desk, company, client)
    }

    /// One attempt of one browser, as its cookie claims.
    struct Attempt: Sendable {
        let purpose: Ticket.Purpose
        let ticket: Ticket
        let bytes: [UInt8]
        /// Where the person wants to go.
        let next: String
    }

    /// What the provider said, verified.
    private struct Proven: Sendable {
        let token: IDToken
        let attempt: Attempt
    }

    private static let cookie = "popug_company"
    private static let purposes: [Ticket.Purpose] = [.company, .companyProof]
    static let late = Problem(401, "identity.company-late")

    // MARK: Going there

    /// The part before the transaction: the provider tells where to send the browser.
    func ask(_ call: Call) throws -> Call {
        var call = call
        call.prepared[ProviderMetadata.self] = try client.metadata(now: call.now)
        return call
    }

    /// Sends the browser to the provider.
    /// - Parameters:
    ///   - purpose: ``Ticket/Purpose/company``, or ``Ticket/Purpose/companyProof`` of the person.
    ///   - next: where the person wants to go afterwards.
    func leave(
        _ call: Call, _ purpose: Ticket.Purpose, for person: ID = Ticket.nobody, next: String?,
        in transaction: any Transaction
    ) throws -> Answer {
        guard let metadata = call.prepared[ProviderMetadata.self] else { throw Problem.notFound }
        let bytes = try commands.ticket(purpose, for: person, call.environment, in: transaction)
        let secrets = try secrets(of: bytes)
        let request = try ProviderClient.proof { () throws(OpenIDConnectError) in
            try AuthorizationRequest(
                to: metadata, of: company.provider, redirect: company.redirect, secrets: secrets,
                asksAgain: purpose == .companyProof)
        }
        var answer = Answer.redirect(to: request.address)
        let parts = [purpose.rawValue, Preferences.localPath(next)].map { Base64URL.encode(Array($0.utf8)) }
        answer.cookies = [
            Cookie(
                name: CompanyWork.cookie, value: ([Base64URL.encode(bytes)] + parts).joined(separator: "."),
                maxAge: Int(purpose.seconds))
        ]
        return answer
    }

    private func secrets(of bytes: [UInt8]) throws -> SignInSecrets {
        guard let secrets = SignInSecrets(random: commands.sealing.secrets(of: bytes)) else { throw CompanyWork.late }
        return secrets
    }

    // MARK: Coming back

    /// The attempt that the browser's cookie claims; it is not checked.
    static func attempt(_ call: Call) -> Attempt? {
        let parts = (call.cookie(named: cookie) ?? "").parts(at: ".").compactMap { Base64URL.decode($0) }
        guard parts.count == 3, let ticket = Ticket(claimedBy: parts[0]),
            let purpose = Ticket.Purpose(rawValue: String(decoding: parts[1], as: UTF8.self)),
            purposes.contains(purpose)
        else { return nil }
        return Attempt(
            purpose: purpose, ticket: ticket, bytes: parts[0],
            next: Preferences.localPath(String(decoding: parts[2], as: UTF8.self)))
    }

    /// The part before the transaction: checks what the browser brings back, and has the provider say who it is.
    /// - Throws: a 401 problem, or 503 if the provider is away.
    func take(_ call: Call) throws -> Call {
        guard let attempt = CompanyWork.attempt(call), try desk.look({ try isOpen(attempt, at: call.now, in: $0) })
        else { throw CompanyWork.late }
        let (secrets, metadata) = (try secrets(of: attempt.bytes), try client.metadata(now: call.now))
        let answer = try ProviderClient.proof { () throws(OpenIDConnectError) in
            try AuthorizationResponse(
                query: call.writtenQuery, to: secrets, from: metadata, of: company.provider)
        }
        try client.admit(from: call.address)
        let token = try client.token(
            for: answer.code, redirect: company.redirect, secrets: secrets,
            provenSince: attempt.purpose == .companyProof ? attempt.ticket.made : nil, now: call.now)
        var call = call
        call.prepared[Proven.self] = Proven(token: token, attempt: attempt)
        return call
    }

    private func isOpen(_ attempt: Attempt, at now: Instant, in transaction: any Transaction) throws -> Bool {
        try commands.open(attempt.bytes, attempt.purpose, at: now, in: transaction, bound: { _ in [] }) != nil
    }

    /// What ``take(_:)`` found; the attempt is used up.
    func proven(_ call: Call, _ act: CommandContext) throws -> (token: IDToken, attempt: Attempt) {
        guard let proven = call.prepared[Proven.self],
            try isOpen(proven.attempt, at: act.now, in: act.transaction), try commands.spend(proven.attempt.ticket, act)
        else { throw CompanyWork.late }
        return (proven.token, proven.attempt)
    }

    /// Removes the attempt from the browser.
    static let done = Cookie(name: cookie, value: "", maxAge: 0)
}
