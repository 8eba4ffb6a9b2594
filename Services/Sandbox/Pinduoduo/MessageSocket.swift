import HTTP
import JSON
import Stores
import Synchronization

/// Pinduoduo's message socket, `/message/{client_id}/{ms}/{sign}`: each message comes again until it is acknowledged.
/// Source of the frames: github.com/SchafferJ/open-pdd, github.com/whalesky-labs/pdd-sdk-php.
final class MessageSocket: Sendable {
    /// Seconds between two looks at what is due.
    private static let pause = 0.05
    /// A client that says nothing for so long, not even a heartbeat (of which there is one every 5 s), is let go.
    private static let silentSeconds = 30.0
    /// Milliseconds by which the address's time may be off.
    private static let tolerance = 600_000

    private struct Client {
        let connection: WebSocketServer.Connection
        let appKey: String
        var heardAt: Int
    }

    private final class Clients: Sendable {
        let open = Mutex<[UInt64: Client]>([:])
    }

    private let server: WebSocketServer
    private let delivery: Task<Void, Never>

    var port: UInt16 { server.port }

    init(_ sandbox: Sandbox, port: UInt16) throws(HTTPError) {
        let clients = Clients()
        server = try WebSocketServer(
            port: port, accept: { request in Self.application(request, sandbox) == nil ? 403 : nil },
            handler: { connection, event in Self.handle(event, connection, clients, sandbox) })
        delivery = Task { await Self.deliver(clients, sandbox) }
    }

    deinit { stop() }

    func stop() {
        delivery.cancel()
        server.stop()
    }

    /// The application that the address is signed for.
    private static func application(_ request: WebSocketServer.Request, _ sandbox: Sandbox) -> String? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[1] == "message", let sent = Int(parts[3]), abs(sent - BeijingTime.now) <= tolerance else {
            return nil
        }
        let app = sandbox.attempt { (world) throws(StoreError) in try world.objects.get(App.self, App.id(.pinduoduo, parts[2])) }
        guard let app = app ?? nil else { return nil }
        return parts[4] == Signatures.messageSocket(clientId: app.key, milliseconds: parts[3], secret: app.secret) ? app.key : nil
    }

    private static func handle(
        _ event: WebSocketEvent, _ connection: WebSocketServer.Connection, _ clients: Clients, _ sandbox: Sandbox
    ) {
        switch event {
        case .opened:
            guard let appKey = application(connection.request, sandbox) else { return connection.close(code: 1008) }
            // A client that connects anew gets at once the messages that it has not acknowledged.
            sandbox.attempt { (world) throws(StoreError) in try world.hurryMessages(appKey) }
            clients.open.withLock { $0[connection.id] = Client(connection: connection, appKey: appKey, heardAt: BeijingTime.now) }
        case .text(let text):
            let appKey = clients.open.withLock { open in
                open[connection.id]?.heardAt = BeijingTime.now
                return open[connection.id]?.appKey
            }
            if let appKey { answer(text, connection, appKey, sandbox) }
        case .closed: clients.open.withLock { _ = $0.removeValue(forKey: connection.id) }
        }
    }

    private static func answer(_ text: String, _ connection: WebSocketServer.Connection, _ appKey: String, _ sandbox: Sandbox) {
        guard let frame = try? JSONValue.decode(text) else { return connection.close(code: 1003) }
        switch frame["commandType"]?.string {
        case "HeartBeat": connection.send(self.text(["commandType": "HeartBeat", "time": .int(BeijingTime.now)]))
        case "Ack":
            guard let id = frame["id"]?.int else { return }
            let (type, mall) = (frame["type"]?.string, frame["mallID"]?.int)
            sandbox.attempt { (world) throws(StoreError) in
                try world.acknowledge(id, appKey, type: type, mallId: mall.map { "\($0)" })
            }
        // `Fail`: it comes again in time.
        default: break
        }
    }

    private static func deliver(_ clients: Clients, _ sandbox: Sandbox) async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(pause))
            let open = clients.open.withLock { $0.values.sorted { $0.connection.id < $1.connection.id } }
            for client in open where BeijingTime.now - client.heardAt > Int(silentSeconds * 1000) { client.connection.drop() }
            // Of several connections of an application, one gets them.
            for (appKey, same) in Dictionary(grouping: open, by: \.appKey) {
                guard let connection = same.last?.connection else { continue }
                for delivery in sandbox.attempt({ (world) throws(StoreError) in try world.dueMessages(appKey) }) ?? [] {
                    send(delivery, connection)
                }
            }
        }
    }

    private static func send(_ delivery: MessageDelivery, _ connection: WebSocketServer.Connection) {
        let now = BeijingTime.now
        let message = delivery.message
        let frame: JSONValue = [
            "id": .int(message.number), "commandType": "Common", "time": .int(now), "sendTime": .int(now),
            "message": ["type": .string(message.type), "mallID": .int(Int(message.mallId) ?? 0), "content": .string(message.content)],
        ]
        switch delivery.fault {
        case .drop: return connection.drop()
        case .garbage: connection.send("{\"commandType\":\"Common\",\"id\":")
        case .duplicate: connection.send(text(frame))
        default: break
        }
        connection.send(text(frame))
    }

    private static func text(_ frame: JSONValue) -> String { String(decoding: frame.json, as: UTF8.self) }
}

/// A message that is to be sent now, and what goes wrong with it.
struct MessageDelivery: Sendable {
    let message: MallMessage
    let fault: Fault.Kind?
}

extension World {
    /// The waiting ones, oldest first, whose time has come; it comes again unless they are acknowledged.
    func dueMessages(_ appKey: String) throws(StoreError) -> [MessageDelivery] {
        let now = now
        let again = try settings().messageRedelivery
        var deliveries: [MessageDelivery] = []
        for var message in try objects.find(MallMessage.self, alias: MallMessage.waiting(appKey)) where message.dueAt ?? 0 <= now {
            let fault = try takeFault(for: "pdd.message", [message.content])
            message.dueAt = now + Int(again * 1000)
            if fault?.kind == .reorder {
                message.dueAt = now + Int((fault?.seconds ?? again) * 1000)
            } else {
                message.sent += 1
                deliveries.append(MessageDelivery(message: message, fault: fault?.kind))
            }
            try objects.put(message)
        }
        return deliveries
    }

    func hurryMessages(_ appKey: String) throws(StoreError) {
        for var message in try objects.find(MallMessage.self, alias: MallMessage.waiting(appKey)) {
            message.dueAt = nil
            try objects.put(message)
        }
    }

    /// Only as the message was: an acknowledgement that names another type or mall is none.
    func acknowledge(_ id: Int, _ appKey: String, type: String?, mallId: String?) throws(StoreError) {
        guard var message = try objects.get(MallMessage.self, "\(id)"), message.appKey == appKey, message.type == type,
            message.mallId == mallId
        else { return }
        message.isAcknowledged = true
        try objects.put(message)
    }
}
