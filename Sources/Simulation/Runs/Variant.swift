import Messaging
import Payouts
import ServiceKit
import Storage

/// What is broken in the product during a run: the switches with which the simulator itself is tested. The real product
/// has none of them.
package struct Variant: Sendable {
    package var service: @Sendable (any Service) -> any Service = { $0 }
    package var database: @Sendable (any Database) -> any Database = { $0 }
    package var log: @Sendable (any EventLog) -> any EventLog = { $0 }
    package var provider: @Sendable (SimulatedBank) -> any PaymentProvider = { $0 }

    package init() {}
}
