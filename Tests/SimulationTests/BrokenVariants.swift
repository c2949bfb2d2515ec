import Hosting
import Messaging
import Payouts
import ServiceKit
import Simulation
import Storage
import Values

/// Variants that break a rule below the services, or at the bank.
extension Broken {
    /// One event in fifty that comes again is taken for a new one.
    static let takesTwice = variant { service in
        guard service.name == "accounting" else { return service }
        var broken = Broken(service)
        broken.reactions = service.reactions.map { reaction in
            Reaction(toMany: reaction.events, of: reaction.topic) { envelopes, transaction in
                try reaction.apply(envelopes, transaction)
                for envelope in envelopes where envelope.topic == "tracker" && envelope.id.low % 50 == 0 {
                    let again = Envelope(
                        id: envelope.id.derived("again"), topic: envelope.topic, name: envelope.name,
                        version: envelope.version, key: envelope.key, time: envelope.time, trace: envelope.trace,
                        data: envelope.data, partition: envelope.partition, number: envelope.number)
                    try reaction.apply([again], transaction)
                }
            }
        }
        return broken
    }

    /// An event counts as published once it has a number, and the log is not looked at.
    static let marksFirst: Variant = {
        let numbered = BlindLog.Numbered()
        var tampering = TamperedDatabase.Tampering()
        tampering.read = { service, text, rows in
            if text.hasPrefix("SELECT partition, numbered, published FROM journal_cursor") {
                numbered.note(rows, of: service)
            }
            // Nor is anything published again for a reader that asks.
            return text == "SELECT partition, numbered FROM journal_cursor ORDER BY partition" ? [] : rows
        }
        tampering.write = { _, text, rows in
            guard text.hasPrefix("UPDATE journal_cursor SET numbered = ?, published = ?") else { return rows }
            return rows.map { [$0[0], $0[0], $0[2]] }
        }
        var variant = tampered(tampering)
        variant.log = { BlindLog($0, numbered) }
        return variant
    }()

    /// What is booked as a fee and what is kept for the reward are two draws.
    static let drawsTwice: Variant = {
        var tampering = TamperedDatabase.Tampering()
        tampering.write = { _, text, rows in
            guard text.hasPrefix("INSERT INTO price ") else { return rows }
            return rows.map { row in
                guard case .integer(let reward) = row[2] else { return row }
                return [row[0], row[1], .integer(reward == 4000 ? 2000 : reward + 100)] + row[3...]
            }
        }
        return tampered(tampering)
    }()

    /// At a start, numbers that are not noted as published are forgotten and given anew.
    static let numbersAnew = variant { service in
        var broken = Broken(service)
        broken.afterPreparing = { transaction in
            try transaction.send(
                """
                UPDATE journal SET number = NULL WHERE number >
                (SELECT c.published FROM journal_cursor c WHERE c.partition = journal.partition)
                """)
            try transaction.send("UPDATE journal_cursor SET numbered = published")
        }
        return broken
    }

    /// Later events of a key are applied although an earlier one is parked.
    static let parksAlone: Variant = {
        var tampering = TamperedDatabase.Tampering()
        tampering.read = { _, text, rows in text.hasPrefix("SELECT 1 FROM parked_key WHERE topic") ? [] : rows }
        return tampered(tampering)
    }()

    /// A link that has signed somebody in does it again, and so does everything else that works once.
    static let linksTwice: Variant = {
        var tampering = TamperedDatabase.Tampering()
        tampering.read = { _, text, rows in text.hasPrefix("SELECT id FROM identity_spent WHERE id") ? [] : rows }
        tampering.changed = { _, text, count in text.hasPrefix("INSERT INTO identity_spent") ? 1 : count }
        return tampered(tampering)
    }()

    /// Nobody remembers how far a passkey has counted.
    static let copiesGetIn: Variant = {
        var tampering = TamperedDatabase.Tampering()
        tampering.read = { _, text, rows in
            guard text.hasPrefix("SELECT id, person, credential, name, key, counter") else { return rows }
            return rows.map { row in
                var values = row.values
                values[5] = .integer(0)
                return Row(values: values)
            }
        }
        return tampered(tampering)
    }()

    /// A payout that the bank has refused is ordered under another key.
    static let paysAnew: Variant = {
        var variant = Variant()
        variant.provider = { NewKeys(bank: $0) }
        return variant
    }()

    private struct NewKeys: PaymentProvider {
        let bank: SimulatedBank
        var name: String { bank.name }
        var atOnce: Int { bank.atOnce }

        func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>] {
            orders.map { order in
                Result {
                    let isFirst = order.attempt == 1
                    return try bank.pay(order, key: isFirst ? order.payout : order.payout.derived("\(order.attempt)"))
                }
            }
        }

        func status(of payout: ID, keep: any Database) throws -> PaymentAnswer? { try bank.status(of: payout) }
    }

    private static func tampered(_ tampering: TamperedDatabase.Tampering) -> Variant {
        var variant = Variant()
        variant.database = { TamperedDatabase(inner: $0, tampering: tampering) }
        return variant
    }
}
