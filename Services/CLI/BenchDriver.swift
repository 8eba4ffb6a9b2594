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
        var address = Address()
        address.province = "浙江省"
        address.city = "金华市"
        address.district = "义乌市"
        address.detail = "北苑街道1号"
        var registerMerchant = RegisterMerchant()
        registerMerchant.shopId = merchant
        registerMerchant.shopAlias = "晴天"
        registerMerchant.sender = Sender(name: "晴天小铺", phone: "13800000000", address: address)
        registerMerchant.acceptedTerms = Terms.required
        var registerFactory = RegisterFactory()
        registerFactory.shopId = factory
        registerFactory.name = "义乌一厂"
        registerFactory.contact.name = "厂长"
        registerFactory.contact.phone = "13900000000"
        registerFactory.address = address
        try send(registerMerchant, to: .binding, key: merchant, by: asMerchant)
        try count(MerchantRegistered.type, 1, "register the merchant")
        try send(registerFactory, to: .binding, key: factory, by: asFactory)
        try count(FactoryRegistered.type, 1, "register the factory")
        var putAddress = PutAddress()
        putAddress.shopId = merchant
        putAddress.addressId = "r1"
        putAddress.kind = .return
        putAddress.name = "退货组"
        putAddress.phone = "13800000001"
        putAddress.address = address
        putAddress.default = true
        try send(putAddress, to: .binding, key: merchant, by: asMerchant)
        var apply = Apply()
        apply.merchantShopId = merchant
        apply.factoryShopId = factory
        try send(apply, to: .binding, key: merchant, by: asMerchant)
        try count(Applied.type, 1, "apply")
        var approve = Approve()
        approve.merchantShopId = merchant
        approve.factoryShopId = factory
        try send(approve, to: .binding, key: factory, by: asFactory)
        try count(Approved.type, 1, "approve")
    }

    // MARK: Waves

    func place(_ index: Int) throws {
        var placed = OrderPlaced()
        placed.orderId = orderId(index)
        placed.merchantShopId = merchant
        placed.platform = "pinduoduo"
        placed.platformOrderNumber = placed.orderId
        placed.placedAt = Clock.now
        placed.shipBy = Timestamp(milliseconds: placed.placedAt.milliseconds + 86_400_000)
        placed.remark = "请尽快发货，谢谢"
        placed.lines = (1...(1 + max(0, index % 5 - 2))).map { number in
            var line = PlacedLine()
            line.lineId = "\(number)"
            line.sku = "SKU-\(1000 + index * 7 % 1000)"
            line.name = "纯棉短袖T恤"
            line.spec = "白色 XL"
            line.quantity = 1 + index % 3
            line.unitPrice = Money(amountMinor: 1990)
            return line
        }
        placed.recipient.province = "广东省"
        placed.recipient.city = "深圳市"
        placed.recipient.district = "南山区"
        // Nobody opens it: random bytes of a sealed recipient's size.
        placed.recipient.sealed = Verbatim(Sealed(keyId: "k1", enc: Base64.encode(bytes(32)), ciphertext: Base64.encode(bytes(180))))
        try send(OrderPlaced.type, placed.json, topic: Topics.orders, key: placed.orderId, by: Actor(.partner, "pinduoduo"))
    }

    func allocate(_ index: Int) throws {
        var allocate = Allocate()
        allocate.orderId = orderId(index)
        allocate.merchantShopId = merchant
        allocate.target = Target(.factory, factory)
        try send(allocate, to: .allocation, key: allocate.orderId, by: Actor(.merchant, merchant))
    }

    func giveBack(_ index: Int) throws {
        var giveBack = Return()
        giveBack.orderId = orderId(index)
        giveBack.allocationId = "\(giveBack.orderId)/1"
        giveBack.factoryShopId = factory
        giveBack.carrier = "YTO"
        // Random: numbers of earlier runs are bound for good.
        giveBack.waybillNumber = "YT\(String(10_000_000_000_000 + UInt64.random(in: 0..<10_000_000_000_000, using: &random)).dropFirst())"
        try send(giveBack, to: .waybill, key: giveBack.orderId, by: Actor(.factory, factory))
    }

    func ship(_ index: Int) throws {
        var ship = Ship()
        ship.orderId = orderId(index)
        ship.allocationId = "\(ship.orderId)/1"
        ship.merchantShopId = merchant
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
