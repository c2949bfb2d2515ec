import Storage
import Values

/// A provider that keeps its record elsewhere. It can be asked without Payouts' database, for example by `verify`.
package protocol OutsideProvider: PaymentProvider {
    func status(of payout: ID) throws -> PaymentAnswer?
}

extension OutsideProvider {
    package func status(of payout: ID, keep: any Database) throws -> PaymentAnswer? { try status(of: payout) }
}
