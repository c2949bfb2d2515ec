import Foundation

/// A lock, and a way to wait until what it guards changes. It is like Foundation's `NSCondition`, but it measures time
/// by the monotonic clock. `NSCondition.wait(until:)` waits for a time of day: if the clock is put back by an hour,
/// half a second becomes an hour.
// Unchecked: the two pointers never change, and they point at types that are made for several threads.
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

    /// Wakes all waiting threads. Call it with the lock held.
    package func broadcast() {
        pthread_cond_broadcast(condition)
    }

    /// Wakes one waiting thread. Call it with the lock held.
    package func signal() {
        pthread_cond_signal(condition)
    }

    /// Releases the lock until this thread is woken. It may also wake for no reason, so check the condition again. Call
    /// it with the lock held.
    package func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// Like ``wait()``, but until `deadline` at the latest. Returns `false` if the deadline has already passed.
    package func wait(until deadline: ContinuousClock.Instant) -> Bool {
        let left = ContinuousClock.now.duration(to: deadline)
        guard left > .zero else { return false }
        // At most a day at a time, so that no sum overflows.
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
