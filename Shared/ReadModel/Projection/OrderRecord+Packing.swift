import Contracts
import JSON

extension OrderRecord: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: registered != nil, changes != nil, deadFacts != nil, isCancelled == true, merchant != nil, tail != nil)
        packer.add(orderId)
        if let registered { packer.add(registered) }
        packer.add(placed)
        if let changes { packer.add(changes) }
        if let deadFacts { packer.add(deadFacts) }
        packer.add(holds.count)
        for hold in holds { packer.add(hold.rawValue) }
        if let merchant { packer.add(merchant) }
        packer.add(allocations)
        if let tail { packer.add(tail) }
        packer.add(noted)
        packer.add(version)
        packer.add(lastAt)
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        orderId = unpacker.text()
        if bits & 1 != 0 { registered = unpacker.value() }
        placed = unpacker.values()
        if bits & 2 != 0 { changes = unpacker.values() }
        if bits & 4 != 0 { deadFacts = unpacker.texts() }
        holds = unpacker.texts().compactMap { Hold(rawValue: $0) }
        isCancelled = bits & 8 != 0 ? true : nil
        if bits & 16 != 0 { merchant = unpacker.text() }
        allocations = unpacker.values()
        if bits & 32 != 0 { tail = unpacker.number() }
        noted = unpacker.number()
        version = unpacker.number()
        lastAt = unpacker.number()
    }

    /// nil: it cannot be read.
    static func stored(_ bytes: UnsafeRawBufferPointer) -> OrderRecord? {
        var unpacker = Unpacker(bytes)
        let record = OrderRecord(&unpacker)
        return unpacker.isBroken || !unpacker.isAtEnd ? nil : record
    }
}

extension RegisteredPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: by != nil)
        packer.add(at)
        if let by { packer.add(by) }
        packer.add(merchant)
        packer.add(platform)
        packer.add(number)
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        at = unpacker.number()
        if bits & 1 != 0 { by = unpacker.text() }
        (merchant, platform, number) = (unpacker.text(), unpacker.text(), unpacker.text())
    }
}

extension OrderedLine: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: sku != nil)
        packer.add(lineId)
        if let sku { packer.add(sku) }
        packer.add(name)
        packer.add(spec)
        packer.add(quantity)
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        lineId = unpacker.text()
        if bits & 1 != 0 { sku = unpacker.text() }
        (name, spec) = (unpacker.text(), unpacker.text())
        quantity = unpacker.number()
    }
}

extension Area: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(province)
        packer.add(city)
        packer.add(district)
    }

    init(_ unpacker: inout Unpacker) {
        self.init(province: unpacker.text(), city: unpacker.text(), district: unpacker.text())
    }
}

extension PlacedPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: shipBy != nil)
        packer.add(id)
        packer.add(at)
        packer.add(placedAt)
        if let shipBy { packer.add(shipBy) }
        packer.add(remark)
        packer.add(lines)
        packer.add(area)
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        id = unpacker.text()
        (at, placedAt) = (unpacker.number(), unpacker.number())
        if bits & 1 != 0 { shipBy = unpacker.number() }
        remark = unpacker.text()
        lines = unpacker.values()
        area = unpacker.value()
    }
}

extension AddressPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(id)
        packer.add(at)
        packer.add(place)
        packer.add(area)
    }

    init(_ unpacker: inout Unpacker) {
        id = unpacker.text()
        at = unpacker.number()
        place = unpacker.text()
        area = unpacker.value()
    }
}

extension DoorPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: mergeKey != nil)
        packer.add(area)
        if let mergeKey { packer.add(mergeKey) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        area = unpacker.value()
        if bits & 1 != 0 { mergeKey = unpacker.text() }
    }
}

extension AllocationRecord: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(
            has: target != nil, shipBy != nil, remark != nil, isSealed == true, takenBack != nil, moved != nil, parcel != nil,
            shipping != nil)
        packer.add(id)
        packer.add(version)
        if let target {
            packer.add(target.kind.rawValue)
            packer.add(target.id)
        }
        packer.add(lines)
        if let shipBy { packer.add(shipBy) }
        if let remark { packer.add(remark) }
        if let takenBack { packer.add(takenBack) }
        if let moved { packer.add(moved) }
        if let parcel { packer.add(parcel) }
        if let shipping { packer.add(shipping) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        id = unpacker.text()
        version = unpacker.number()
        if bits & 1 != 0 { target = Target(Target.Kind(rawValue: unpacker.text()) ?? .factory, unpacker.text()) }
        lines = unpacker.values()
        if bits & 2 != 0 { shipBy = unpacker.number() }
        if bits & 4 != 0 { remark = unpacker.text() }
        isSealed = bits & 8 != 0 ? true : nil
        if bits & 16 != 0 { takenBack = unpacker.text() }
        if bits & 32 != 0 { moved = unpacker.value() }
        if bits & 64 != 0 { parcel = ParcelPart(&unpacker) }
        if bits & 128 != 0 { shipping = ShippingPart(&unpacker) }
    }
}

extension ParcelPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(
            has: opened != nil, stage != nil, isReaddressed == true, carrier != nil, number != nil, extraNumbers != nil, copies != nil,
            obtained != nil, factory != nil, stoppedAt != nil)
        if let opened { packer.add(opened) }
        packer.add(phase.rawValue)
        if let stage { packer.add(stage.rawValue) }
        if let carrier { packer.add(carrier) }
        if let number { packer.add(number) }
        if let extraNumbers { packer.add(extraNumbers) }
        if let copies { packer.add(copies) }
        if let obtained { packer.add(obtained) }
        if let factory { packer.add(factory) }
        if let stoppedAt { packer.add(stoppedAt) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        if bits & 1 != 0 { opened = unpacker.value() }
        phase = ParcelStateName(rawValue: unpacker.text()) ?? .open
        if bits & 2 != 0 { stage = ParcelStage(rawValue: unpacker.text()) }
        isReaddressed = bits & 4 != 0 ? true : nil
        if bits & 8 != 0 { carrier = unpacker.text() }
        if bits & 16 != 0 { number = unpacker.text() }
        if bits & 32 != 0 { extraNumbers = unpacker.texts() }
        if bits & 64 != 0 { copies = unpacker.number() }
        if bits & 128 != 0 { obtained = unpacker.texts() }
        if bits & 256 != 0 { factory = unpacker.text() }
        if bits & 512 != 0 { stoppedAt = unpacker.number() }
    }
}

extension OpenedPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(has: sender != nil)
        packer.add(at)
        packer.add(merchant)
        packer.add(shopAlias)
        packer.add(factory)
        packer.add(lines)
        packer.add(remark)
        packer.add(door)
        if let sender { packer.add(sender.bytes) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        at = unpacker.number()
        (merchant, shopAlias, factory) = (unpacker.text(), unpacker.text(), unpacker.text())
        lines = unpacker.values()
        remark = unpacker.text()
        door = unpacker.value()
        if bits & 1 != 0 { sender = RawJSON(bytes: unpacker.blob()) }
    }
}

extension ShippingPart: Packable {
    func pack(_ packer: inout Packer) {
        packer.add(
            has: isReady == true, isShipped == true, carrier != nil, number != nil, extraNumbers != nil, factory != nil, warehouse != nil,
            outbound != nil, uploads != nil)
        if let carrier { packer.add(carrier) }
        if let number { packer.add(number) }
        if let extraNumbers { packer.add(extraNumbers) }
        if let factory { packer.add(factory) }
        if let warehouse { packer.add(warehouse) }
        if let outbound { packer.add(outbound.json) }
        if let uploads { packer.add(uploads.json) }
    }

    init(_ unpacker: inout Unpacker) {
        let bits = unpacker.number()
        isReady = bits & 1 != 0 ? true : nil
        isShipped = bits & 2 != 0 ? true : nil
        if bits & 4 != 0 { carrier = unpacker.text() }
        if bits & 8 != 0 { number = unpacker.text() }
        if bits & 16 != 0 { extraNumbers = unpacker.texts() }
        if bits & 32 != 0 { factory = unpacker.text() }
        if bits & 64 != 0 { warehouse = unpacker.text() }
        if bits & 128 != 0 { outbound = try? OutboundView.decodeStored(unpacker.blob()) }
        if bits & 256 != 0 { uploads = try? [UploadView].decodeStored(unpacker.blob()) }
    }
}
