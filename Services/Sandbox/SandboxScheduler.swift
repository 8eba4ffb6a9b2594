import HTTP
import Stores

/// Does the things that happen by themselves: statuses are pushed until they are taken, and orders take a step when it is time.
final class SandboxScheduler: Sendable {
    /// Seconds between two looks at what is due.
    private static let pause = 0.05
    /// For one push; the console answers after Kafka has it.
    private static let pushSeconds = 10.0
    /// Seconds until a push that was not taken is sent again, doubled each time.
    private static let firstRetry = 0.2
    private static let longestRetry = 30.0

    private let tasks: [Task<Void, Never>]

    init(_ sandbox: Sandbox, _ sender: any HTTPSender) {
        tasks = [
            Task { await Self.push(sandbox, sender) },
            Task { await Self.walk(sandbox) },
        ]
    }

    func stop() { for task in tasks { task.cancel() } }

    private static func walk(_ sandbox: Sandbox) async {
        var waited = 0.0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(pause))
            waited += pause
            let waitedNow = waited
            let stepped = sandbox.attempt { (world) throws(StoreError) in
                let interval = try world.settings().autoAdvance
                guard interval > 0, waitedNow >= interval else { return false }
                try world.step()
                return true
            }
            if stepped ?? false { waited = 0 }
        }
    }

    private static func push(_ sandbox: Sandbox, _ sender: any HTTPSender) async {
        while !Task.isCancelled {
            let due = sandbox.attempt { (world) throws(StoreError) in try world.duePushes() } ?? []
            guard !due.isEmpty else {
                try? await Task.sleep(for: .seconds(pause))
                continue
            }
            await withTaskGroup(of: Void.self) { group in
                for push in due { group.addTask { await send(push, sandbox, sender) } }
            }
        }
    }

    private static func send(_ due: DuePush, _ sandbox: Sandbox, _ sender: any HTTPSender) async {
        let request = HTTPClientRequest(
            method: "POST", url: due.url,
            headers: [
                ("Content-Type", "application/json"), ("x-jd-app-key", due.push.appKey), ("x-jd-timestamp", due.timestamp),
                ("x-jd-signature", due.signature),
            ], body: Array(due.push.body.utf8), timeout: pushSeconds)
        let isTaken: Bool
        do throws(HTTPClientError) { isTaken = try await sender.send(request).status == 200 } catch {
            if error.kind == .cancelled { return }
            isTaken = false
        }
        sandbox.attempt { (world) throws(StoreError) in
            let wait = min(longestRetry, firstRetry * Double(1 << min(due.push.attempts, 16)))
            try world.record(due.push, isTaken: isTaken, retryAfter: Int(wait * 1000))
        }
    }
}

/// A push with all that goes with it.
struct DuePush: Sendable {
    let push: StatusPush
    let url: String
    let timestamp: String
    let signature: String
}

extension World {
    /// At a time.
    private static var pushes: Int { 16 }

    /// Those that have waited longest; of one order one, so that what happened to it is told in its order.
    func duePushes() throws(StoreError) -> [DuePush] {
        guard let url = try settings().pushUrl else { return [] }
        let now = now
        var orders: Set<String> = []
        var pushes: [DuePush] = []
        for push in try objects.find(
            StatusPush.self, aliases: StatusPush.waiting...StatusPush.waiting(until: now), limit: Self.pushes)
        where orders.insert(push.orderNo).inserted {
            guard let app = try objects.get(App.self, App.id(.jd, push.appKey)) else { continue }
            let signature = Signatures.push(timestamp: "\(now)", body: Array(push.body.utf8), secret: app.secret)
            pushes.append(DuePush(push: push, url: url, timestamp: "\(now)", signature: signature))
        }
        return pushes
    }

    func record(_ push: StatusPush, isTaken: Bool, retryAfter milliseconds: Int) throws(StoreError) {
        var push = push
        push.attempts += 1
        if isTaken {
            if push.isDelivered { push.copies -= 1 }
            push.isDelivered = true
        } else if push.attempts >= (try settings().pushAttempts) {
            return try objects.remove(StatusPush.self, push.id)
        } else {
            push.dueAt = now + milliseconds
        }
        try objects.put(push)
    }
}
