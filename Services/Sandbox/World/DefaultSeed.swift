extension World {
    /// The seed of a new sandbox.
    static let defaultSeed = """
        {
          "apps": [
            {"partner": "jd", "key": "jd-app", "secret": "jd-secret"},
            {"partner": "pinduoduo", "key": "pdd-app", "secret": "pdd-secret"},
            {"partner": "jackyun", "key": "jackyun-app", "secret": "jackyun-secret"}
          ],
          "pins": [
            {"pin": "daifa-demo", "password": "sandbox", "departments": [
              {"departmentNo": "EBU4418046500001", "name": "代发演示事业部", "shops": ["ESP0020000000001"], "suppliers": ["EMS4418046500001"],
               "warehouses": [{"warehouseNo": "110000001", "name": "上海仓"}, {"warehouseNo": "110000002", "name": "广州仓"}]}
            ]},
            {"pin": "另一商家", "password": "sandbox", "departments": [
              {"departmentNo": "EBU4418046500002", "name": "另一事业部", "warehouses": [{"warehouseNo": "110000003", "name": "北京仓"}]}
            ]}
          ],
          "stock": [
            {"partner": "jd", "warehouseNo": "110000001", "goodsNo": "EMG4418000000001", "sku": "TEA-500", "good": 500, "damaged": 3},
            {"partner": "jd", "warehouseNo": "110000001", "goodsNo": "EMG4418000000002", "sku": "CUP-2", "good": 200, "damaged": 0}
          ],
          "malls": [
            {"mallId": "900000001", "name": "演示旗舰店", "password": "sandbox", "role": 1,
             "returnAddresses": [{"id": "7001", "isDefault": true, "province": "上海", "city": "上海市", "district": "浦东新区",
               "detail": "世纪大道1号", "name": "退货组", "phone": "13900000000"}]},
            {"mallId": "900000002", "name": "演示工厂", "password": "sandbox", "role": 2,
             "waybillAccounts": [
               {"wpCode": "YTO", "branchCode": "571001", "branchName": "义乌一部", "quantity": 100000, "addresses": [
                 {"province": "浙江省", "city": "金华市", "district": "义乌市", "detail": "稠州北路1号"}]},
               {"wpCode": "ZTO", "branchCode": "571002", "branchName": "义乌二部", "quantity": 100000, "addresses": [
                 {"province": "浙江省", "city": "金华市", "district": "义乌市", "detail": "稠州北路1号"}]}]}
          ],
          "mallOrders": [
            {"orderSn": "261101-000000000000001", "mallId": "900000001", "province": "浙江省", "city": "杭州市", "town": "西湖区",
             "address": "文三路1号", "receiverName": "李四", "receiverPhone": "13900000002", "remark": "", "items": [
               {"goodsId": 1, "skuId": 11, "outerId": "TEA-500", "goodsName": "龙井茶", "goodsSpec": "500克", "goodsCount": 2, "goodsPrice": 59.9}]}
          ],
          "dropshipOrders": [
            {"mallMaskId": "978623a8d9d7425f8c7ff08d2af28700", "mallMaskName": "演示旗舰店", "orderMaskSn": "4956c0af9ce548ccb7d9c8c3d2c7cc00",
             "factoryMallId": "900000002", "goodsName": "玻璃杯", "goodsSpec": "两只装", "goodsNumber": 1, "productSn": "CUP", "outSkuSn": "CUP-2",
             "productPrice": 990, "province": "浙江省", "city": "杭州市", "district": "西湖区", "receiverId": "4239E33B82F201A3D73D8DA2DDA21A00"}
          ]
        }
        """
}
