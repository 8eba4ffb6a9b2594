import Crypto
import JSON
import Stores

/// A merchant's orders and after-sales, and what their recipients are called.
enum PinduoduoOrders {
    static let methods: [String: PinduoduoGateway.Method] = [
        "pdd.order.number.list.increment.get": .init("order_sn_increment_get_response", increment),
        "pdd.order.information.get": .init("order_info_get_response") { world, call in
            ["order_info": tree(try world.mallOrder(try call.parameters.required("order_sn"), call))]
        },
        "pdd.refund.list.increment.get": .init("refund_increment_get_response", refunds),
        "pdd.refund.status.check": .init("refund_status_check_response", refundStatus),
        "pdd.open.decrypt.batch": .init("open_decrypt_batch_response", decrypt),
    ]
    /// Seconds between a window's start and end at most.
    private static let window = 30 * 60

    /// Start and end in seconds, page and its size.
    private static func range(_ parameters: Parameters) throws -> (seconds: ClosedRange<Int>, page: Int, size: Int) {
        let start = try parameters.requiredInt("start_updated_at")
        let end = try parameters.requiredInt("end_updated_at")
        guard start <= end, end - start <= window else { throw parameters.invalid("end_updated_at", "is more than 30 min after the start") }
        let size = parameters.int("page_size") ?? 100
        guard (1...100).contains(size) else { throw parameters.invalid("page_size", "is not 1 to 100") }
        return (start...end, parameters.int("page") ?? 1, size)
    }

    private static func increment(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        let range = try range(parameters)
        _ = try parameters.required("is_lucky_flag")
        let status = try parameters.requiredInt("order_status")
        let refund = try parameters.requiredInt("refund_status")
        let found = try world.objects.find(MallOrder.self, alias: try world.mall(call).mallId)
            .filter {
                range.seconds.contains(($0.updatedAt ?? 0) / 1000) && (status == 5 || status == $0.orderStatus ?? 1)
                    && (refund == 5 || refund == $0.refundStatus ?? 1)
            }.sorted { ($0.updatedAt ?? 0, $0.orderSn) > ($1.updatedAt ?? 0, $1.orderSn) }
        let page = Page(found, number: range.page, size: range.size)
        let orders = JSONValue.list(page.elements, tree)
        return parameters.bool("use_has_next") == true
            ? ["order_sn_list": orders, "has_next": .bool(range.page < page.count)]
            : ["order_sn_list": orders, "total_count": .int(found.count)]
    }

    @Sendable private static func tree(_ order: MallOrder) -> JSONValue {
        func text(_ milliseconds: Int?) -> JSONValue { .string(milliseconds.map(BeijingTime.text) ?? "") }
        func sealed(_ text: String) -> JSONValue { order.showsRecipient ? .string(Ciphertext.seal(text, order.orderSn)) : "" }
        let amount = order.items.reduce(0) { $0 + $1.goodsPrice * Double($1.goodsCount) }
        return [
            "order_sn": .string(order.orderSn), "order_status": .int(order.orderStatus ?? 1),
            "refund_status": .int(order.refundStatus ?? 1), "after_sales_status": .int(order.afterSalesStatus ?? 0),
            "risk_control_status": .int(order.riskControlStatus ?? 0), "confirm_status": .int(order.confirmStatus ?? 1), "group_status": 1,
            "confirm_time": text(order.confirmedAt), "pay_time": text(order.confirmedAt), "updated_at": text(order.updatedAt),
            "last_ship_time": text(order.lastShipAt), "province": .string(order.province), "city": .string(order.city),
            "town": .string(order.town), "address": sealed(order.address), "receiver_name": sealed(order.receiverName),
            "receiver_phone": sealed(order.receiverPhone), "remark": .string(order.remark ?? ""),
            "buyer_memo": .string(order.buyerMemo ?? ""), "pay_amount": .double(amount),
            "item_list": .list(order.items) {
                [
                    "goods_id": .int($0.goodsId), "sku_id": .int($0.skuId), "outer_id": .string($0.outerId),
                    "outer_goods_id": .string($0.outerId), "goods_name": .string($0.goodsName), "goods_spec": .string($0.goodsSpec),
                    "goods_count": .int($0.goodsCount), "goods_price": .double($0.goodsPrice),
                ]
            },
            "tracking_number": .string(order.trackingNumber ?? ""), "logistics_id": .int(order.logisticsId ?? 0),
        ]
    }

    private static func refunds(_ world: World, _ call: Call) throws -> JSONValue {
        let range = try range(call.parameters)
        let type = call.parameters.int("after_sales_type") ?? 1
        let found = try world.objects.find(Refund.self, alias: try world.mall(call).mallId)
            .filter { range.seconds.contains(($0.updatedAt ?? 0) / 1000) && (type == 1 || type == $0.afterSalesType) }
            .sorted { ($0.updatedAt ?? 0, $0.number) > ($1.updatedAt ?? 0, $1.number) }
        let page = Page(found, number: range.page, size: range.size)
        return [
            "refund_list": .list(page.elements) {
                [
                    "id": .int($0.number), "order_sn": .string($0.orderSn), "after_sales_status": .int($0.afterSalesStatus),
                    "after_sales_type": .int($0.afterSalesType), "refund_amount": .string($0.refundAmount ?? "0"),
                    "created_time": .string(BeijingTime.text($0.createdAt ?? 0)),
                    "updated_time": .string(BeijingTime.text($0.updatedAt ?? 0)),
                ]
            }, "total_count": .int(found.count),
        ]
    }

    private static func refundStatus(_ world: World, _ call: Call) throws -> JSONValue {
        let numbers = try call.parameters.required("order_sns").split(separator: ",").map(String.init)
        world.note(numbers.joined(separator: ","))
        let mall = try world.mall(call)
        let orders = try numbers.compactMap { try world.objects.get(MallOrder.self, $0) }
        return [
            "order_sns_exists_refund": .list(orders.filter { $0.mallId == mall.mallId && $0.hasAfterSale }) {
                ["order_sn": .string($0.orderSn)]
            }
        ]
    }

    private static func decrypt(_ world: World, _ call: Call) throws -> JSONValue {
        let list = try call.parameters.requiredObjects("data_list")
        guard list.count <= 100 else { throw call.parameters.invalid("data_list", "has more than 100") }
        var mall = try world.mall(call)
        let today = String(BeijingTime.text(world.now).prefix(10))
        if mall.decryptDay != today { (mall.decryptDay, mall.decrypted) = (today, 0) }
        let decrypted = (mall.decrypted ?? 0) + list.count
        guard decrypted <= mall.decryptQuota ?? .max else { throw Refusal(.quota, "the quota of decryptions is used up") }
        mall.decrypted = decrypted
        var results: [JSONValue] = []
        for element in list {
            let (tag, data) = (try element.required("data_tag"), try element.required("encrypted_data"))
            world.note(tag)
            let order = try world.mallOrder(tag, call)
            // 5 name, 6 phone, 8 address without its area.
            let known = [(5, order.receiverName), (6, order.receiverPhone), (8, order.address)]
            let found = known.first { data == Ciphertext.seal($0.1, tag) }
            results.append(
                [
                    "data_tag": .string(tag), "encrypted_data": .string(data), "data_type": .int(found?.0 ?? 0),
                    "decrypted_data": .string(found?.1 ?? ""), "error_code": found == nil ? 1 : 0,
                    "error_msg": found == nil ? "密文错误" : "", "virtual_number_type": 0, "virtual_identify_number": "",
                ])
        }
        try world.objects.put(mall)
        return ["data_decrypt_list": .array(results)]
    }
}

/// A recipient's text in its encrypted form, which has to be decrypted by a call.
enum Ciphertext {
    static func seal(_ text: String, _ order: String) -> String {
        text.isEmpty ? "" : "~\(Base64.encode(Digest.sha256(Array("\(order)\n\(text)".utf8))))~0~"
    }
}

extension World {
    /// The order, of the mall whose token it is.
    func mallOrder(_ number: String, _ call: Call) throws -> MallOrder {
        note(number)
        let mall = try mall(call)
        guard let order = try objects.get(MallOrder.self, number), order.mallId == mall.mallId else {
            throw Refusal(.notFound, "order_sn is not one of this mall's")
        }
        return order
    }
}
