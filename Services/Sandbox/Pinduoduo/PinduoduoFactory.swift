import JSON

/// `pdd.fds.…` without waybill numbers: what a factory is given (代打).
enum PinduoduoFactory {
    static let methods: [String: PinduoduoGateway.Method] = [
        "pdd.fds.role.get": .init("pdd_fds_role_get_response") { world, call in ["mall_role": try world.mall(call).role == 2 ? 2 : 0] },
        "pdd.fds.order.list.get": .init("pdd_fds_order_list_get_response", list),
        "pdd.fds.order.get": .init("pdd_fds_order_get_response") { world, call in
            let parameters = try call.parameters.requiredObject("param_fds_order_get_request")
            return tree(try world.dropshipOrder(parameters, call))
        },
    ]
    /// Milliseconds between a window's start and end at most.
    private static let window = 30 * 60_000

    private static func list(_ world: World, _ call: Call) throws -> JSONValue {
        let parameters = try call.parameters.requiredObject("param_fds_order_list_get_request")
        let start = try parameters.requiredInt("start_updated_time")
        let end = try parameters.requiredInt("end_updated_time")
        guard start <= end, end - start <= window else {
            throw parameters.invalid("end_updated_time", "is more than 30 min after the start")
        }
        let size = try parameters.requiredInt("page_size")
        guard (1...100).contains(size) else { throw parameters.invalid("page_size", "is not 1 to 100") }
        let factory = try world.factory(call)
        let found = try world.objects.find(DropshipOrder.self, alias: factory.mallId).filter { (start...end).contains($0.updatedAt ?? 0) }
        let page = Page(found, number: try parameters.requiredInt("page"), size: size)
        return ["order_list": .list(page.elements, tree), "total": .int(found.count)]
    }

    @Sendable private static func tree(_ order: DropshipOrder) -> JSONValue {
        [
            "after_sales_status": .int(order.afterSalesStatus ?? 0), "allow_time": .int(order.allowTime ?? 0), "city": .string(order.city),
            "district": .string(order.district), "goods_name": .string(order.goodsName), "goods_number": .int(order.goodsNumber),
            "goods_spec": .string(order.goodsSpec), "mall_mask_id": .string(order.mallMaskId),
            "mall_mask_name": .string(order.mallMaskName), "order_mask_sn": .string(order.orderMaskSn),
            "out_sku_sn": .string(order.outSkuSn), "product_price": .int(order.productPrice), "product_sn": .string(order.productSn),
            "province": .string(order.province), "receiver_id": .string(order.receiverId), "remark": .string(order.remark ?? ""),
            "return_status": .int(order.returnStatus ?? 0), "sf_only": .int(order.sfOnly ?? 0), "status": .int(order.status ?? 1),
        ]
    }
}

extension World {
    func factory(_ call: Call) throws -> Mall {
        let mall = try mall(call)
        guard mall.role == 2 else { throw Refusal(.permission, "the mall is no factory") }
        return mall
    }

    /// The order that the parameters name, given to this factory.
    func dropshipOrder(_ parameters: Parameters, _ call: Call) throws -> DropshipOrder {
        let id = DropshipOrder.id(try parameters.required("mall_mask_id"), try parameters.required("order_mask_sn"))
        note(id)
        let factory = try factory(call)
        guard let order = try objects.get(DropshipOrder.self, id), order.factoryMallId == factory.mallId else {
            throw Refusal(.notFound, "the order is not one of this factory's")
        }
        return order
    }
}
