import Contracts
import PartnerEffects
import Runtime
import StateMachines

/// The download of channels' orders: what is told to whom, and who calls Pinduoduo.
enum DownloadRoutes {
    static func effects(_ environment: PartnerEnvironment) -> [EffectRoute] {
        let performer = DownloadPerformer(environment)
        return [
            Effects<ChannelMachine>.route(
                DownloadOrders.self, partner: "pinduoduo-lists", perform: { effect, _ in await performer.perform(effect) }
            ) { .download(.page($0, $1)) },
            Effects<ChannelMachine>.route(
                DownloadOrder.self, partner: "pinduoduo-lists", perform: { effect, _ in await performer.perform(effect) }
            ) { .download(.order($0, $1)) },
            Effects<ChannelMachine>.route(
                PermitMessages.self, partner: "pinduoduo-lists", perform: { effect, _ in await performer.perform(effect) }
            ) { .download(.permitted($0, $1)) },
        ]
    }

    /// The message socket, held where shard 0 is owned.
    static func singletons(_ environment: PartnerEnvironment) -> [SingletonTask] {
        guard let socket = MessageSocket(environment) else { return [] }
        return [
            SingletonTask("pinduoduo-messages") { sender in
                await socket.run { item, origin in try await sender.send(item, shardOf: item.aggregate, origin: origin) }
            }
        ]
    }
}
