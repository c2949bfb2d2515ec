import Foundation

/// A lock, and waiting for what it guards to change. As Foundation's `NSCondition`, but that time in it is the monotonic
/// clock's: `NSCondition.wait(until:)` waits for a time of day, so that half a second becomes an hour where the clock is
/// put back by one meanwhile.
// Unchecked: the two pointers never change, and what they point at is made for several threads.
package final class Condition: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition.initialize(to: pthread_cond_t())
        #if os(Linux)
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #else
            pthread_cond_init(condition, nil)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<T>(_ body: () throws -> T) rethrows -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// Wakes everybody who waits. With the lock held.
    package func broadcast() {
        pthread_cond_broadcast(condition)
    }

    /// Wakes one of those who wait. With the lock held.
    package func signal() {
        pthread_cond_signal(condition)
    }

    /// Lets go of the lock until somebody wakes, or for no reason: ask again for what is waited for. With the lock held.
    package func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// As ``wait()``, until `deadline` at the latest. Whether it is not over yet.
    package func wait(until deadline: ContinuousClock.Instant) -> Bool {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return false }
        // A day at a time is enough, and no sum overflows.
        let nanoseconds = Int(min(left, .seconds(86_400)) / .nanoseconds(1))
        #if os(Linux)
            var end = timespec()
            clock_gettime(CLOCK_MONOTONIC, &end)
            let sum = end.tv_nsec + nanoseconds
            end.tv_sec += sum / 1_000_000_000
            end.tv_nsec = sum % 1_000_000_000
            pthread_cond_timedwait(condition, mutex, &end)
        #else
            var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
            pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #endif
        return ContinuousClock.now < deadline
    }
}
