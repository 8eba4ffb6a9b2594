import JSON

/// Shipping by a merchant: carriers, return addresses, numbers.
enum PinduoduoShipping {
    static let methods: [String: PinduoduoGateway.Method] = [
        "pdd.logistics.companies.get": .init("logistics_companies_get_response", needsToken: false) { _, _ in
            [
                "logistics_companies": .list(companies) {
                    ["id": .int($0.id), "code": .string($0.code), "logistics_company": .string($0.name), "available": .int($0.available)]
                }
            ]
        },
        "pdd.refund.address.list.get": .init("refund_address_list_get_response", returnAddresses),
        "pdd.logistics.online.send": .init("logistics_online_send_response", send),
        "pdd.order.upload.extra.logistics": .init("upload_extra_logistics_response", extra),
    ]

    /// Ids as they were seen in an answer of 2020.
    private static let companies: [(id: Int, code: String, name: String, available: Int)] = [
        (1, "STO", "申通快递", 1), (3, "HT", "百世快递", 0), (44, "SF", "顺丰快递", 1), (85, "YTO", "圆通快递", 1), (115, "ZTO", "中通快递", 1),
        (118, "EMS", "邮政EMS", 1), (120, "JD", "京东配送", 1), (121, "YUNDA", "韵达快递", 1), (131, "DB", "德邦快递", 1),
        (132, "YZXB", "邮政快递包裹", 1), (384, "JTKD", "极兔速递", 1),
    ]

    private static func returnAddresses(_ world: World, _ call: Call) throws -> JSONValue {
        let mall = try world.mall(call)
        return [
            "refund_address_list": .list(mall.returnAddresses ?? []) {
                [
                    "id": .string($0.id), "refund_address_id": .string($0.id), "mall_id": .string(mall.mallId),
                    "is_default": .bool($0.isDefault),
                    "is_legal": .bool($0.isValid ?? true), "is_validated": .bool($0.isValid ?? true), "province_name": .string($0.province),
                    "city_name": .string($0.city), "district_name": .string($0.district), "refund_address": .string($0.detail),
                    "refund_name": .string($0.name), "refund_phone": .string($0.phone), "refund_tel": "",
                ]
            }
        ]
    }

    private static func send(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        var order = try world.mallOrder(try parameters.required("order_sn"), call)
        let company = try parameters.requiredInt("logistics_id")
        guard companies.contains(where: { $0.id == company && $0.available == 1 }) else {
            throw parameters.invalid("logistics_id", "is no carrier that can be used")
        }
        let number = try parameters.required("tracking_number")
        let addresses = try world.mall(call).returnAddresses ?? []
        if let id = parameters.text("refund_address_id"), !addresses.contains(where: { $0.id == id && $0.isValid ?? true }) {
            throw parameters.invalid("refund_address_id", "is no valid address of this mall")
        }
        if order.confirmStatus == 2 { throw Refusal(.state, "the order is cancelled") }
        if order.isUnderRisk { throw Refusal(.state, "the order is under review") }
        if order.hasAfterSale { throw Refusal(.state, "the order has an after-sale") }
        let isShipped = (order.orderStatus ?? 1) != 1
        switch parameters.int("redelivery_type") ?? 1 {
        case 1: if isShipped { throw Refusal(.state, "the order is shipped already") }
        case 2: if !isShipped { throw Refusal(.state, "the order is not shipped yet") }
        default: throw parameters.invalid("redelivery_type", "is not 1 or 2")
        }
        order.orderStatus = 2
        order.trackingNumber = number
        order.logisticsId = company
        order.refundAddressId = parameters.text("refund_address_id") ?? order.refundAddressId
        order.updatedAt = world.now
        try world.objects.put(order)
        try world.recordCreate(.pinduoduo, "pdd.logistics.online.send", key: order.orderSn, number: number)
        return ["is_success": true]
    }

    private static func extra(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = call.parameters
        var order = try world.mallOrder(try parameters.required("order_sn"), call)
        guard (1...3).contains(try parameters.requiredInt("extra_track_type")) else {
            throw parameters.invalid("extra_track_type", "is not 1, 2 or 3")
        }
        guard (order.orderStatus ?? 1) == 2 else { throw Refusal(.state, "the order is not shipped") }
        var parcels = order.extraParcels ?? []
        for track in try parameters.requiredObjects("extra_track_list") {
            var parcel = MallOrder.Parcel()
            parcel.logisticsId = try track.requiredInt("shipping_id")
            parcel.trackingNumber = try track.required("tracking_number")
            parcels.append(parcel)
        }
        order.extraParcels = parcels
        try world.objects.put(order)
        return ["is_success": true]
    }
}
