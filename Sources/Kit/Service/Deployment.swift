/// How a service is run where each has processes of its own: for the files in `deploy/`, and `make cluster`.
package struct Deployment: Sendable {
    /// The number of processes that share its partitions.
    package let processes: Int
    /// Whether it calls servers that are not the installation's own.
    package let reachesOut: Bool

    package init(processes: Int = 1, reachesOut: Bool = false) {
        self.processes = processes
        self.reachesOut = reachesOut
    }
}
