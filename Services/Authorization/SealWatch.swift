import Contracts
import Credentials
import Observability
import PartnerEffects
import Runtime
import StateMachines

/// Sees to it that credentials are sealed with the newest key of their service: one that has lost its store cannot open older ones, and
/// would wait for the next refresh.
enum SealWatch {
    /// Seconds between two looks.
    private static let pause = 2.0
    private static let wait = "credentials wait to be sealed anew"

    static func singleton(_ environment: PartnerEnvironment) -> SingletonTask {
        SingletonTask("seals") { sender in
            var seals = environment.outdatedSeals
            let waits = WaitLog(environment.logger)
            while !Task.isCancelled {
                do {
                    for outdated in seals.next() { try await pass(outdated, to: sender) }
                    waits.over(wait)
                } catch {
                    seals.forget()
                    waits.say(wait, because: "\(error)")
                }
                try? await Task.sleep(for: .seconds(pause))
            }
        }
    }

    private static func pass(_ outdated: OutdatedSeals.Seal, to sender: ItemSender) async throws {
        let (account, seal) = (outdated.account, outdated.seal)
        let step = "\(account)/\(seal.authorizationId)/outdated-\(seal.service.rawValue)-\(seal.keyId)/\(seal.version)"
        let origin = Origin.step(step, key: account)
        if account.hasPrefix(PartnerAccount.channelPrefix) {
            let item = ChannelSealOutdated(account: account, seal: seal)
            try await sender.send(item, shardOf: account, origin: origin)
        } else {
            let item = AccountSealOutdated(account: account, seal: seal)
            try await sender.send(item, shardOf: account, origin: origin)
        }
    }
}
