import ServiceKit
import Storage
import Values

/// Compares payouts with the providers. The built-in provider's record is compared in full. A provider over HTTP is
/// asked about unsettled payouts and the latest settled ones, if it can be reached.
struct ProviderCheck: Sendable {
    let provider: any PaymentProvider

    /// How many payouts an outside provider is asked about.
    private static let most = 1000

    var check: Check {
        Check("payouts: what the provider says") { snapshots, report in
            let own = try snapshots.of("payouts")
            try ProviderCheck.builtIn(own, &report)
            if let outbound = provider as? any OutsideProvider { try ProviderCheck.ask(outbound, own, &report) }
        }
    }

    private static func builtIn(_ own: any Transaction, _ report: inout Findings) throws {
        var problems: [String] = []
        var recorded: Int64 = 0
        try own.forEach(
            """
            SELECT b.payout, b.sum, b.person, o.sum, o.person, o.state
            FROM built_in_payment b LEFT JOIN payout o ON o.id = b.payout
            """
        ) { row in
            recorded += 1
            let id: ID = try row(0)
            guard let sum: Cents = try row(3), let person: ID = try row(4), let state: String = try row(5) else {
                return problems.append("the built-in provider has paid \(id), which is no payout")
            }
            let (paid, payee): (Cents, ID) = (try row(1), try row(2))
            if sum != paid || person != payee {
                problems.append("the built-in provider has paid another sum or person for payout \(id)")
            }
            // A sent payout is fine: the provider has paid, its answer was lost, and the job will ask for it.
            if state != Payout.State.paid.rawValue, state != Payout.State.sent.rawValue {
                problems.append("the built-in provider has paid payout \(id), which is \(state)")
            }
        }
        report.count("paid by the built-in provider", recorded)
        for problem in problems { report.problem(problem) }
        try report.eachID(
            """
            SELECT a.payout FROM attempt a LEFT JOIN built_in_payment b ON b.payout = a.payout
            WHERE a.provider = \(BuiltInProvider.name) AND a.outcome = 'paid' AND b.payout IS NULL
            """, in: own
        ) { "payout \($0) is paid, and the built-in provider has no record of it" }
    }

    private static func ask(
        _ provider: any OutsideProvider, _ own: any Transaction, _ report: inout Findings
    ) throws {
        var open: [(id: ID, state: String, sum: Cents)] = []
        for state in [Payout.State.sent, .failed, .paid] {
            open += try own.fetch(
                """
                SELECT o.id, o.state, o.sum FROM payout o JOIN attempt a ON a.payout = o.id AND a.number = o.attempt
                WHERE o.state = \(state.rawValue) AND a.provider = \(provider.name) ORDER BY o.id DESC LIMIT \(most)
                """
            ).map { (try $0(0), try $0(1), try $0(2)) }
        }
        open = Array(open.prefix(most))
        var asked: Int64 = 0
        for payout in open {
            let answer: PaymentAnswer?
            do {
                answer = try provider.status(of: payout.id)
            } catch {
                report.count("not compared: \(provider.name) cannot be asked", Int64(open.count) - asked)
                break
            }
            asked += 1
            let says = answer?.status.rawValue ?? "unknown"
            switch (payout.state, answer?.status) {
            // A sent payout can still end either way.
            case ("sent", _), ("paid", .paid), ("failed", .refused): break
            default: report.problem("payout \(payout.id) is \(payout.state); \(provider.name) says \(says)")
            }
            if let sum = answer?.sum, sum != payout.sum, answer?.status != .refused {
                report.problem(
                    "payout \(payout.id) is of \(payout.sum.plain); \(provider.name) has it with \(sum.plain)")
            }
        }
        report.count("compared with \(provider.name)", asked)
    }
}
