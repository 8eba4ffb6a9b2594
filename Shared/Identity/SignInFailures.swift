import Threads

/// Wrong passwords of the last ten minutes: ten of a user from one address, a hundred of a user or of an address, are too many.
///
/// A value that is given the time. Its memory is bounded: beyond `capacity` users, addresses, or pairs of them, those whose last failure is
/// oldest are forgotten first.
struct SignInFailures: Sendable {
    /// Milliseconds.
    static let window = 600_000
    static let ofPair = 10
    static let ofOne = 100

    private enum Key: Hashable {
        case pair(user: String, address: String)
        case user(String)
        case address(String)

        var limit: Int { if case .pair = self { SignInFailures.ofPair } else { SignInFailures.ofOne } }
    }

    private let capacity: Int
    /// Times of the failures, oldest first, never more than the limit.
    private var failures: [Key: [Int]] = [:]

    init(capacity: Int = 30_000) { self.capacity = capacity }

    /// Seconds after which the user may try again from this address; nil: at once.
    func pause(user: String, address: String, now: Timestamp) -> Int? {
        var end = 0
        for key in Self.keys(user, address) {
            guard let times = failures[key] else { continue }
            let recent = times.filter { now.milliseconds - $0 < Self.window }
            if recent.count >= key.limit { end = max(end, recent[recent.count - key.limit] + Self.window) }
        }
        return end > now.milliseconds ? (end - now.milliseconds + 999) / 1000 : nil
    }

    mutating func add(user: String, address: String, now: Timestamp) {
        if failures.count + 3 > capacity { forget(now) }
        for key in Self.keys(user, address) {
            var times = (failures[key] ?? []).filter { now.milliseconds - $0 < Self.window }
            times.append(now.milliseconds)
            if times.count > key.limit { times.removeFirst(times.count - key.limit) }
            failures[key] = times
        }
    }

    var count: Int { failures.count }

    /// What is old, and when that is not enough the older half.
    private mutating func forget(_ now: Timestamp) {
        failures = failures.filter { now.milliseconds - ($0.value.last ?? 0) < Self.window }
        guard failures.count > capacity / 2 else { return }
        let middle = failures.values.map { $0.last ?? 0 }.sorted()[failures.count - capacity / 2]
        failures = failures.filter { ($0.value.last ?? 0) > middle }
    }

    private static func keys(_ user: String, _ address: String) -> [Key] {
        [.pair(user: user, address: address), .user(user), .address(address)]
    }
}
