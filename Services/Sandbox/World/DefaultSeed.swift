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
          "malls": []
        }
        """
}
