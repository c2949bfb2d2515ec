import Contracts
import Ledger
import Messaging
import Storage
import Values
import Web

/// A second accountant or admin confirms or refuses a correction that waits (X23).
struct DecideCorrection: Sendable {
    let correct: CorrectEntry

    /// Books the correction on the day on which it is confirmed.
    /// - Throws: 403 for its author and for the owner of the account, 409 if it was decided already.
    func confirm(
        _ id: ID, by person: ID, _ environment: Environment, trace: String, in transaction: any Transaction
    ) throws -> Ledger.Entry {
        guard let request = try CorrectionRequest.locked(id, in: transaction) else { throw Problem.notFound }
        try expectConfirmable(request, by: person)
        try request.decide(.confirmed, by: person, at: environment.now(), in: transaction)
        return try correct.book(request, confirmedBy: person, environment, trace: trace, in: transaction)
    }

    /// The person who entered it can take it back, too; the owner of the account cannot refuse it.
    @discardableResult
    func refuse(
        _ id: ID, by person: ID, now: Instant, trace: String, in transaction: any Transaction
    ) throws -> CorrectionRequest {
        guard let request = try CorrectionRequest.locked(id, in: transaction) else { throw Problem.notFound }
        try expectWaiting(request, of: person)
        try request.decide(.refused, by: person, at: now, in: transaction)
        try correct.journal.append(
            CorrectionRefused(
                correction: id, person: request.account, sum: request.sum, by: person, author: request.author,
                time: now),
            id: id.derived("correction-refused"), at: now, trace: trace, in: transaction)
        return request
    }

    /// - Throws: 403 for its author and for the owner of the account, 409 if it was decided already.
    func expectConfirmable(_ request: CorrectionRequest, by person: ID) throws {
        guard request.author != person else { throw Problem(403, "accounting.own-correction") }
        try expectWaiting(request, of: person)
    }

    private func expectWaiting(_ request: CorrectionRequest, of person: ID) throws {
        guard request.account != person else { throw Problem(403, "accounting.own-account") }
        guard request.state == .waiting else { throw Problem.conflict("accounting.correction-decided") }
    }
}
