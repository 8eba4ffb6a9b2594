import CommandLine
import Contracts
import Crypto
import JSON
import Kafka
import Runtime
import Threads

/// Sends the waves of a measurement and counts their answers; as lean as can be, since it shares the machine with what it measures.
final class BenchDriver {
    private static let patience = 60.0
    private static let flushTimeout = 60.0
    private static let eventTopics = [ServiceName.binding, .allocation, .waybill, .shipping].map(\.events)

    let run: String
    let merchant: String
    let factory: String
    private let producer: Producer
    private let proof: SenderProof
    private let reader: TopicReader
    private var random = SystemRandomNumberGenerator()

    /// - Parameter proof: for services that require one.
    init(_ kafka: KafkaConfiguration, proof: SenderProof) throws {
        self.proof = proof
        run = "bench-" + Hexadecimal.encode(try Random.bytes(4))
        merchant = "\(run)-m"
        factory = "\(run)-f"
        producer = try Producer(kafka, overrides: ["linger.ms": "5"])
        reader = try TopicReader(kafka, topics: Self.eventTopics, from: .end, timeout: Self.patience)
    }

    deinit { producer.close() }

    func orderId(_ index: Int) -> String { "\(run)-\(index)" }

    // MARK: Preparation

    /// Registers and binds a merchant and a factory.
    func setUp() throws {
        let asMerchant = Actor(.merchant, merchant)
        let asFactory = Actor(.factory, factory)
        let address = Address(country: "CN", province: "浙江省", city: "金华市", district: "义乌市", detail: "北苑街道1号")
        let registerMerchant = RegisterMerchant(
            shopId: merchant, shopAlias: "晴天", sender: Sender(name: "晴天小铺", phone: "13800000000", address: address),
            acceptedTerms: Terms.required)
        let registerFactory = RegisterFactory(
            shopId: factory, name: "义乌一厂", contact: Contact(name: "厂长", phone: "13900000000"), address: address)
        try send(registerMerchant, to: .binding, key: merchant, by: asMerchant)
        try count(MerchantRegistered.type, 1, "register the merchant")
        try send(registerFactory, to: .binding, key: factory, by: asFactory)
        try count(FactoryRegistered.type, 1, "register the factory")
        let putAddress = PutAddress(
            shopId: merchant, addressId: "r1", kind: .return, name: "退货组", phone: "13800000001", address: address, default: true)
        try send(putAddress, to: .binding, key: merchant, by: asMerchant)
        let apply = Apply(merchantShopId: merchant, factoryShopId: factory)
        try send(apply, to: .binding, key: merchant, by: asMerchant)
        try count(Applied.type, 1, "apply")
        let approve = Approve(merchantShopId: merchant, factoryShopId: factory)
        try send(approve, to: .binding, key: factory, by: asFactory)
        try count(Approved.type, 1, "approve")
    }

    // MARK: Waves

    func place(_ index: Int) throws {
        let lines = (1...(1 + max(0, index % 5 - 2))).map { number in
            PlacedLine(
                lineId: "\(number)", sku: "SKU-\(1000 + index * 7 % 1000)", name: "纯棉短袖T恤", spec: "白色 XL", quantity: 1 + index % 3,
                unitPrice: Money(amountMinor: 1990, currency: "CNY"))
        }
        // Nobody opens it: random bytes of a sealed recipient's size.
        let sealed = Sealed(keyId: "k1", enc: Base64.encode(bytes(32)), ciphertext: Base64.encode(bytes(180)))
        let now = Clock.now
        let placed = OrderPlaced(
            orderId: orderId(index), merchantShopId: merchant, platform: "pinduoduo", platformOrderNumber: orderId(index), placedAt: now,
            shipBy: Timestamp(milliseconds: now.milliseconds + 86_400_000), remark: "请尽快发货，谢谢", lines: lines,
            recipient: PlacedRecipient(province: "广东省", city: "深圳市", district: "南山区", sealed: Verbatim(sealed)))
        try send(OrderPlaced.type, placed.json, topic: Topics.orders, key: placed.orderId, by: Actor(.partner, "pinduoduo"))
    }

    func allocate(_ index: Int) throws {
        let allocate = Allocate(orderId: orderId(index), merchantShopId: merchant, target: Target(.factory, factory))
        try send(allocate, to: .allocation, key: allocate.orderId, by: Actor(.merchant, merchant))
    }

    func giveBack(_ index: Int) throws {
        // Random: numbers of earlier runs are bound for good.
        let digits = String(10_000_000_000_000 + UInt64.random(in: 0..<10_000_000_000_000, using: &random)).dropFirst()
        let giveBack = Return(
            orderId: orderId(index), allocationId: "\(orderId(index))/1", factoryShopId: factory, carrier: "YTO",
            waybillNumber: "YT\(digits)")
        try send(giveBack, to: .waybill, key: giveBack.orderId, by: Actor(.factory, factory))
    }

    func ship(_ index: Int) throws {
        let ship = Ship(orderId: orderId(index), allocationId: "\(orderId(index))/1", merchantShopId: merchant)
        try send(ship, to: .shipping, key: ship.orderId, by: Actor(.merchant, merchant))
    }

    /// Hands over what was sent, and reads until so many events of the type have come. Events of other types are passed over for good:
    /// nothing is sent whose answer another call is to count.
    /// - Throws: `CommandFailure` 70 for a refusal, 75 when nothing comes any more.
    func count(_ type: String, _ total: Int, _ what: String, onProgress: (Int) -> Void = { _ in }) throws {
        try producer.flush(timeout: Self.flushTimeout)
        let expected = Array(type.utf8)
        let refused = Array(".refused.v1".utf8)
        var seen = 0
        var lastNews = Clock.seconds
        while seen < total {
            if StopSignal.wait(seconds: 0) { throw CommandFailure(.temporary, "interrupted") }
            let messages = try reader.next(maximum: 5000, timeout: 0.1)
            for message in messages {
                guard let key = message.key, key.starts(with: run.utf8), let found = Self.type(of: message) else { continue }
                if found == expected {
                    seen += 1
                } else if found.suffix(refused.count).elementsEqual(refused) {
                    throw CommandFailure(.bug, "\(what): refused: \(String(decoding: message.value ?? [], as: UTF8.self))")
                }
            }
            if !messages.isEmpty { lastNews = Clock.seconds }
            onProgress(seen)
            guard Clock.seconds - lastNews < Self.patience else {
                throw CommandFailure(
                    .temporary,
                    "\(what): \(seen) of \(total) answered, and nothing came for \(Int(Self.patience)) s: see the services' logs")
            }
        }
    }

    private static func type(of message: Kafka.Message) -> [UInt8]? {
        message.headers.last(EnvelopeHeader.type)
    }

    private func send(_ message: some Contracts.Message, to service: ServiceName, key: String, by actor: Actor) throws {
        try send(Swift.type(of: message).type, message.json, topic: service.commands, key: key, by: actor)
    }

    private func send(_ type: String, _ body: [UInt8], topic: String, key: String, by actor: Actor) throws {
        let headers = [
            Header(EnvelopeHeader.specversion, "1.0"), Header(EnvelopeHeader.id, RandomUUID.v4()),
            Header(EnvelopeHeader.source, "/daifa/cli"),
            Header(EnvelopeHeader.type, type), Header(EnvelopeHeader.subject, key), Header(EnvelopeHeader.time, "\(Clock.now)"),
            Header(EnvelopeHeader.actor, "\(actor)"), Header(EnvelopeHeader.contentType, "application/json"),
        ]
        try producer.send(
            topic: topic, key: Array(key.utf8), value: body, headers: proof.added(to: headers, topic: topic, key: key, body: body))
    }

    private func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: random.next() as UInt64) { bytes += $0 } }
        return Array(bytes[..<count])
    }
}
