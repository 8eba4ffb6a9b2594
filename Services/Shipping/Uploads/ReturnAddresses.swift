import Contracts
import PartnerEffects
import Partners
import Runtime
import Synchronization

/// Shops' addresses for returns at the marketplace, as it judges them: asked for when one is named, and kept for a while.
final class ReturnAddresses: Sendable {
    private struct Known {
        var addresses: [PinduoduoReturnAddress]
        var asOf: Double
    }

    /// Seconds after which they are asked for again.
    private static let freshness = 600.0
    /// Seconds after which they are asked for again for an address that would be refused.
    private static let shortFreshness = 10.0

    /// By channel.
    private let known = Mutex<[String: Known]>([:])

    /// Why returns cannot go to an address; nil: they can, or the marketplace does not tell.
    func problem(with id: String, _ shop: ChannelDesk.Shop) async throws(PartnerError) -> String? {
        let channelId = shop.row.channelId
        if let known = known.withLock({ $0[channelId] }) {
            let age = Clock.seconds - known.asOf
            let problem = Self.problem(with: id, in: known.addresses)
            if problem == nil ? age < Self.freshness : age < Self.shortFreshness { return problem }
        }
        let addresses: [PinduoduoReturnAddress]
        do throws(PartnerError) { addresses = try await shop.gateway.refundAddresses(token: shop.token) } catch {
            // What it does not list it judges when it is sent.
            if error.kind == .rejected || error.kind == .outcomeOpen { return nil }
            throw error
        }
        known.withLock { $0[channelId] = Known(addresses: addresses, asOf: Clock.seconds) }
        return Self.problem(with: id, in: addresses)
    }

    private static func problem(with id: String, in addresses: [PinduoduoReturnAddress]) -> String? {
        guard let address = addresses.first(where: { $0.ids.contains(id) }) else {
            return addresses.isEmpty ? nil : "the marketplace has no return address \(id) of this shop; put another, then send retry-upload"
        }
        return address.isLegal ? nil : "the marketplace does not accept return address \(id); mend it there, then send retry-upload"
    }
}
