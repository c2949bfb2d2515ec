import Storage

/// Runs jobs on one connection: each read in a transaction of its own, writes in groups that share a commit and its
/// flush.
struct GroupCommit: Sendable {
    let connection: SQLiteConnection
    let commits: Signal
    let faults: FaultHook?

    /// How many bodies may share a commit.
    static let limit = 256

    /// Runs all jobs in order. It calls no answers; it returns them in the same order.
    func run(_ jobs: [WorkItem]) -> [Completion] {
        var answers: [Completion] = []
        answers.reserveCapacity(jobs.count)
        var group: [WorkItem] = []
        for job in jobs {
            guard job.onlyReads else {
                group.append(job)
                continue
            }
            // Only if there is no other connection to read on. A read must not see what may still be rolled back.
            answers += write(group)
            group = []
            answers.append(read(job))
        }
        return answers + write(group)
    }

    func read(_ job: WorkItem) -> Completion {
        let transaction = SQLiteTransaction(on: connection, onlyReads: true, faults: faults)
        do {
            try connection.run("BEGIN")
            let answer = try transaction.perform(job.attempt)
            try connection.run("COMMIT")
            return answer
        } catch {
            connection.rollBack()
            return { job.fail(error) }
        }
    }

    private func write(_ jobs: [WorkItem]) -> [Completion] {
        switch jobs.count {
        case 0: []
        case 1: [writeAlone(jobs[0])]
        default: writeTogether(jobs) ?? jobs.map(writeAlone)
        }
    }

    private func writeAlone(_ job: WorkItem) -> Completion {
        let answer: Completion
        let before = connection.toldChanges
        do {
            try connection.run("BEGIN IMMEDIATE")
            answer = try SQLiteTransaction(on: connection, onlyReads: false, faults: faults).perform(job.attempt)
            try faults?(.beforeCommit)
            try connection.run("COMMIT")
        } catch {
            connection.rollBack()
            return { job.fail(error) }
        }
        if connection.toldChanges != before { commits.note() }
        do {
            try faults?(.afterCommit)
        } catch {
            return { job.fail(error) }
        }
        return answer
    }

    /// Runs all jobs in one transaction. Returns `nil` if an error has ended it or the commit failed. Nothing is
    /// written then, and each job must be run again alone, so that one that cannot succeed does not fail the others.
    private func writeTogether(_ jobs: [WorkItem]) -> [Completion]? {
        do {
            try connection.run("BEGIN IMMEDIATE")
        } catch {
            return jobs.map { job in { job.fail(error) } }
        }
        var outcomes: [Result<Completion, any Error>] = []
        outcomes.reserveCapacity(jobs.count)
        var hasChanged = false
        for job in jobs {
            guard let outcome = attempt(job, hasChanged: &hasChanged) else {
                connection.rollBack()
                return nil
            }
            outcomes.append(outcome)
        }
        do {
            try faults?(.beforeCommit)
        } catch {
            connection.rollBack()
            return answers(jobs, outcomes, unless: error)
        }
        do {
            try connection.run("COMMIT")
        } catch {
            connection.rollBack()
            return nil
        }
        if hasChanged { commits.note() }
        do {
            try faults?(.afterCommit)
        } catch {
            return answers(jobs, outcomes, unless: error)
        }
        return answers(jobs, outcomes, unless: nil)
    }

    private func answers(
        _ jobs: [WorkItem], _ outcomes: [Result<Completion, any Error>], unless lost: (any Error)?
    ) -> [Completion] {
        zip(jobs, outcomes).map { job, outcome -> Completion in
            switch outcome {
            case .success(let answer):
                if let lost { { job.fail(lost) } } else { answer }
            case .failure(let error): { job.fail(error) }
            }
        }
    }

    /// Runs a body in a savepoint; `nil` if the transaction around it can no longer be used.
    private func attempt(_ job: WorkItem, hasChanged: inout Bool) -> Result<Completion, any Error>? {
        let before = connection.toldChanges
        do {
            try connection.run("SAVEPOINT body")
        } catch {
            return nil
        }
        do {
            let answer = try SQLiteTransaction(on: connection, onlyReads: false, faults: faults).perform(job.attempt)
            try connection.run("RELEASE body")
            hasChanged = hasChanged || connection.toldChanges != before
            return .success(answer)
        } catch {
            // Errors such as a full disk end the whole transaction, not only the statement.
            guard !connection.isIdle else { return nil }
            do {
                try connection.run("ROLLBACK TO body")
                try connection.run("RELEASE body")
            } catch {
                return nil
            }
            return .failure(error)
        }
    }
}
