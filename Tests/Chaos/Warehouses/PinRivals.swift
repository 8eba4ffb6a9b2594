import Contracts
import Foundation
import HTTP
import Kafka
import TestSupport
import Threads

/// Merchants who all want the same logins at JD, and try again and again while everything dies around them.
final class PinRivals: Sendable {
    struct Report {
        var begun = 0
        var granted = 0
        var revoked = 0
        /// Refused because another merchant has it.
        var taken = 0
        /// The partner's side of a consent failed: an answer was lost.
        var failed = 0
        /// Who has a login that is kept, by its key.
        var keepers: [String: LinkedWarehouse] = [:]
        /// Answers that are not foreseen.
        var surprises: [String] = []
        var isStopping = false
    }

    /// A login, and what happens to it once it is linked.
    struct Prize: Sendable {
        let login = JDLogin()
        var api = WarehouseAPI.eclp
        var isSubscribed = false
        /// Whether the first who is granted it keeps it.
        var isKept = false
    }

    private static let patience = 120.0

    let report = Monitor(Report())
    private let prizes: [Prize]
    private let merchants: [Cast]
    private let client: Client
    private let sandbox: PartnerSandbox
    private let browser: HTTPClient

    /// Registers the merchants, and has JD know the logins.
    init(_ prizes: [Prize], merchants number: Int, _ sandbox: PartnerSandbox, _ configuration: KafkaConfiguration) async throws {
        self.prizes = prizes
        self.sandbox = sandbox
        merchants = (0..<number).map { _ in Cast() }
        browser = try HTTPClient()
        let topics = [ServiceName.authorization.events, ServiceName.binding.events]
        client = try await onThread { try Client(configuration, topics: topics) }
        for cast in merchants {
            let answer = try await client.answer(to: .command(cast.registerMerchant, as: cast.asMerchant))
            guard !answer.isRefusal else { throw Client.Failure("a merchant is refused: \(answer.text ?? "")") }
        }
        for prize in prizes { try await sandbox.control("seed", prize.login.seed()) }
    }

    /// Every merchant tries for every login until it is stopped.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for prize in prizes {
                for cast in merchants { group.addTask { await self.contend(prize, cast) } }
            }
        }
    }

    func stop() { report.update { $0.isStopping = true } }

    /// Waits until every login that is kept has its keeper. Blocking.
    func awaitKeepers(within seconds: Double) throws -> [LinkedWarehouse] {
        let kept = prizes.filter(\.isKept)
        _ = report.wait(until: .after(seconds)) { $0.keepers.count == kept.count || !$0.surprises.isEmpty }
        let keepers = report.withLock { report in kept.compactMap { report.keepers[$0.login.key] } }
        guard keepers.count == kept.count else {
            throw Client.Failure("\(keepers.count) of \(kept.count) logins are linked: \(report.withLock { $0 })")
        }
        return keepers
    }

    private func contend(_ prize: Prize, _ cast: Cast) async {
        var generator = SystemRandomNumberGenerator()
        do {
            while !report.withLock({ $0.isStopping }) {
                if let granted = try await link(prize, cast) {
                    if prize.isKept { return keep(granted, prize, cast) }
                    try await Task.sleep(for: .milliseconds(Int.random(in: 100...1500, using: &generator)))
                    try await revoke(granted, prize, cast)
                }
                // A person comes back after a while.
                try await Task.sleep(for: .milliseconds(Int.random(in: 300...4000, using: &generator)))
            }
        } catch { surprise("\(prize.login.key): \(error)") }
    }

    private func keep(_ granted: Granted, _ prize: Prize, _ cast: Cast) {
        guard let warehouseId = granted.warehouseId, granted.messageSubscription == prize.isSubscribed else {
            return surprise("\(prize.login.key): \(granted)")
        }
        report.update { report in
            let other = report.keepers.updateValue(
                LinkedWarehouse(cast: cast, warehouseId: warehouseId, isSubscribed: prize.isSubscribed), forKey: prize.login.key)
            if other != nil { report.surprises.append("\(prize.login.key) was granted to two") }
        }
    }

    /// - Returns: nil when he does not get it.
    private func link(_ prize: Prize, _ cast: Cast) async throws -> Granted? {
        let authorizationId = uniqueName("authorization")
        let begin = Outgoing.command(
            prize.login.begin(authorizationId, cast.merchant, api: prize.api), as: cast.asMerchant, key: prize.login.key)
        report.update { $0.begun += 1 }
        let asked = try await client.answer(to: begin, within: Self.patience)
        guard !asked.isRefusal else { return refused(asked) }
        let request = try asked.body(ConsentRequested.self)
        let redirect = try await sandbox.consent(
            request.authorizeUrl, account: prize.login.pin, subscribe: prize.isSubscribed, within: Self.patience)
        let answer = try await complete(redirect, authorizationId, prize, cast, after: begin)
        switch answer.type {
        case Granted.type:
            report.update { $0.granted += 1 }
            return try answer.body(Granted.self)
        case ConsentFailed.type:
            guard try answer.body(ConsentFailed.self).reason == .exchangeLost else { return surprise(answer) }
            report.update { $0.failed += 1 }
            return nil
        default: return refused(answer)
        }
    }

    /// Half of them paste the address that the browser ended on; of the others the browser tells the console.
    private func complete(
        _ redirect: String, _ authorizationId: String, _ prize: Prize, _ cast: Cast, after begin: Outgoing
    ) async throws -> Received {
        if Bool.random() {
            let complete = Complete(authorizationId: authorizationId, redirectUrl: redirect)
            return try await client.answer(
                to: .command(complete, as: cast.asMerchant, key: prize.login.key), within: Self.patience)
        }
        let deadline = Deadline.after(Self.patience)
        while try await visit(redirect) != 200 {
            guard !deadline.hasPassed else { throw Client.Failure("the console takes no consent") }
            // Nobody signals that it is there again.
            try await Task.sleep(for: .milliseconds(200))
        }
        let types = [Granted.type, ConsentFailed.type]
        return try await client.first("the end of the consent \(authorizationId)", within: Self.patience) {
            $0.correlationId == begin.id && ($0.isRefusal || types.contains($0.type ?? ""))
        }
    }

    /// - Returns: 0: nobody is there.
    private func visit(_ url: String) async throws -> Int {
        let answer = try? await browser.send(HTTPClientRequest(method: "GET", url: url, timeout: 30))
        guard let answer else { return 0 }
        guard answer.status == 200 || answer.status == 503 else {
            throw Client.Failure("the console answers \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer.status
    }

    private func revoke(_ granted: Granted, _ prize: Prize, _ cast: Cast) async throws {
        let revoke = Revoke(authorizationId: granted.authorizationId, merchantShopId: cast.merchant)
        let answer = try await client.answer(
            to: .command(revoke, as: cast.asMerchant, key: prize.login.key), within: Self.patience)
        guard answer.type == Revoked.type else {
            _ = surprise(answer)
            return
        }
        report.update { $0.revoked += 1 }
    }

    private func refused(_ answer: Received) -> Granted? {
        guard answer.refused?.code == .pinLinkedToOtherMerchant else { return surprise(answer) }
        report.update { $0.taken += 1 }
        return nil
    }

    private func surprise(_ answer: Received) -> Granted? {
        surprise("\(answer.key ?? ""): \(answer.text ?? "")")
        return nil
    }

    private func surprise(_ text: String) { report.update { $0.surprises.append(text) } }
}
