import JSON
import Stores

/// The life of outbound orders: they are made, move on, are split and cancelled.
extension World {
    enum CancelOutcome { case cancelled, pending, refused }

    /// Makes the order, or with deduplication finds the one that was made for its key. Returns its number.
    func create(_ draft: Outbound, _ operation: String, _ call: Call) throws -> String {
        if try settings().deduplication,
            let known = try objects.find(Outbound.self, alias: draft.alias ?? "").first(where: { $0.parent == nil })
        {
            return known.number
        }
        var order = draft
        order.number = try number("ESL")
        order.appKey = call.app.key
        order.pin = call.grant?.owner ?? ""
        order.createdAt = now
        order.status = OutboundStatus.created
        order.history = [StatusEntry(order.status, order.createdAt)]
        for index in order.lines.indices { try complete(&order.lines[index], order.warehouseNo) }
        try objects.put(order)
        try recordCreate(.jd, operation, key: order.key, number: order.number)
        try pushStatus(of: order, at: order.createdAt)
        return order.number
    }

    /// Both of a line's numbers, as far as the warehouse's stock tells them.
    func complete(_ line: inout GoodsLine, _ warehouse: String) throws(StoreError) {
        let levels = try objects.find(StockLevel.self, alias: StockLevel.alias(.jd, warehouse))
        if line.goodsNo.isEmpty {
            line.goodsNo = levels.first { $0.sku == line.isvGoodsNo }?.goodsNo ?? ""
        } else if line.isvGoodsNo.isEmpty {
            line.isvGoodsNo = levels.first { $0.goodsNo == line.goodsNo }?.sku ?? ""
        }
    }

    /// Puts the order into a status, whatever it was in: who drives the sandbox decides the order of things.
    func advance(_ order: inout Outbound, to code: String, at time: Int? = nil, lines: [GoodsLine]? = nil) throws(StoreError) {
        let time = time ?? now
        order.status = code
        order.history.append(StatusEntry(code, time))
        let place = OutboundStatus.place(code) ?? 0
        if order.waybill == nil, place >= 1 { order.waybill = try jdWaybill() }
        if let lines {
            for line in lines {
                guard let index = order.lines.firstIndex(where: { $0.isvGoodsNo == line.isvGoodsNo }) else { continue }
                order.lines[index].realQuantity = line.quantity
            }
        } else if let picked = OutboundStatus.place(OutboundStatus.picked), place >= picked {
            for index in order.lines.indices where order.lines[index].realQuantity == nil {
                order.lines[index].realQuantity = order.lines[index].quantity
            }
        }
        if code == OutboundStatus.shipped { for line in order.lines { try take(line, order.warehouseNo) } }
        try objects.put(order)
        try pushStatus(of: order, at: time)
        try advanceParent(of: order)
    }

    /// A split order is where the slowest of its children is.
    private func advanceParent(of child: Outbound) throws(StoreError) {
        guard let number = child.parent, var parent = try objects.get(Outbound.self, number) else { return }
        var slowest: (place: Int, code: String)?
        for number in parent.children {
            guard let code = try objects.get(Outbound.self, number)?.status, let place = OutboundStatus.place(code) else { continue }
            if place < slowest?.place ?? .max { slowest = (place, code) }
        }
        guard let slowest, slowest.code != parent.status else { return }
        parent.status = slowest.code
        parent.history.append(StatusEntry(slowest.code, now))
        try objects.put(parent)
        try pushStatus(of: parent, at: now)
    }

    private func take(_ line: GoodsLine, _ warehouse: String) throws(StoreError) {
        guard var level = try objects.get(StockLevel.self, StockLevel.id(.jd, warehouse, line.isvGoodsNo)) else { return }
        level.good = max(0, level.good - (line.realQuantity ?? line.quantity))
        try objects.put(level)
    }

    /// `JDVA` and eleven digits.
    private func jdWaybill() throws(StoreError) -> String {
        let count = "\(try objects.next("waybill-jd"))"
        return "JDVA1" + String(repeating: "0", count: max(0, 10 - count.count)) + count
    }

    /// Splits the order into as many as there are parts; each part names skus and quantities.
    func split(_ order: inout Outbound, _ parts: [[GoodsLine]]) throws(StoreError) -> [String] {
        for part in parts {
            var child = order
            child.number = try number("ESL")
            child.parent = order.number
            child.children = []
            child.waybill = nil
            child.lines = part
            for index in child.lines.indices { try complete(&child.lines[index], child.warehouseNo) }
            try objects.put(child)
            order.children.append(child.number)
        }
        try objects.put(order)
        return order.children
    }

    func cancel(_ order: Outbound, _ settings: Settings) throws(StoreError) -> CancelOutcome {
        var order = order
        if order.status == OutboundStatus.cancelled { return .cancelled }
        let isOut = (OutboundStatus.place(order.status) ?? 0) >= (OutboundStatus.place(OutboundStatus.handedOver) ?? .max)
        switch order.cancelOutcome ?? settings.cancelOutcome ?? (isOut ? 2 : 0) {
        case 0:
            try advance(&order, to: OutboundStatus.cancelled)
            return .cancelled
        case 1:
            if order.status != OutboundStatus.cancelling { try advance(&order, to: OutboundStatus.cancelling) }
            return .pending
        default:
            if !isOut { try advance(&order, to: OutboundStatus.cancelFailed) }
            return .refused
        }
    }

    /// One step for every order that is not at its end.
    func step() throws(StoreError) {
        for var order in try objects.all(Outbound.self) where order.children.isEmpty {
            if let next = OutboundStatus.next(after: order.status) { try advance(&order, to: next) }
        }
        for var order in try objects.all(Inbound.self) {
            if let next = InboundStatus.next(after: order.status) { try advance(&order, to: next) }
        }
    }
}
