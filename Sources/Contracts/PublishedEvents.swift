import Messaging
import Web

/// Every event that any service publishes, in every version that is still understood: **the one place to list a new
/// one**. From here it gets its schema in `contracts/`, its message in `asyncapi.yaml`, its place on the reference page
/// and its tests; a test finds an event in this target that is not listed.
package enum PublishedEvents {
    /// By publisher, the newest version of an event first.
    package static let all: [any Contract.Type] = [
        PersonRegistered.self, PersonChanged.self, AccessChanged.self, SessionsRevoked.self, KeysChanged.self,
        TaskCreated.self, TaskCreatedV1.self, TaskReassigned.self, TaskCompleted.self,
        TaskPriced.self, EmployeeCharged.self, EmployeeRewarded.self, DayClosed.self, PayoutRequested.self,
        EntryCorrected.self, DaySealed.self,
        PayoutPaid.self, PayoutFailed.self, DestinationChanged.self,
    ]

    /// Where the personal fields of each event are, by its type.
    package static let personal: [String: [String]] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.type, $0.contract.personal) }.filter { !$0.1.isEmpty })
}
