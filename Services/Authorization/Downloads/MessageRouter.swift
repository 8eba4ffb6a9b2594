import Contracts
import JSON
import Machines
import Partners

/// Which channels a message of Pinduoduo's socket concerns, and what it tells them: that an order has changed, so that it is read.
struct MessageRouter: Sendable {
    let topics: PinduoduoTopics
    let tables: any Tables

    /// Empty for a message of no interest: of another topic, of a shop without a channel, or without an order.
    func items(_ message: PinduoduoMessages.Message) -> [OrderPushed] {
        guard let order = order(message) else { return [] }
        return tables.channels(to: "\(message.mallId)", on: .pinduoduo).compactMap { channel in
            guard channel.state == .active, channel.policy?.downloadOrders == true else { return nil }
            let item = OrderPushed(channelId: channel.channelId, messageId: "\(message.id)", order: order)
            // As its reader will see it.
            return try? OrderPushed.decode(item.json)
        }
    }

    private func order(_ message: PinduoduoMessages.Message) -> PlatformOrder? {
        switch topics.subject(of: message.type) {
        case .order, .afterSale: message.orderSn.map { PlatformOrder($0) }
        case .factoryOrder: message.fdsOrder.map { PlatformOrder($0.orderMaskSn, shopMask: $0.mallMaskId) }
        case nil: nil
        }
    }
}
