/// The goods and remarks of lists' rows, each text once: there are many orders of the same goods.
struct GoodsTexts {
    fileprivate private(set) var texts: [String] = [""]
    private var uses: [Int] = [0]
    private var numbers: [String: Int32] = [:]
    private var free: [Int32] = []

    /// The number of a text; it is kept until it was released as often. 0: the empty one.
    mutating func keep(_ text: String) -> Int32 {
        if text.isEmpty { return 0 }
        if let known = numbers[text] {
            uses[Int(known)] += 1
            return known
        }
        let number: Int32
        if let again = free.popLast() {
            number = again
            (texts[Int(number)], uses[Int(number)]) = (text, 1)
        } else {
            number = Int32(texts.count)
            texts.append(text)
            uses.append(1)
        }
        numbers[text] = number
        return number
    }

    mutating func release(_ number: Int32) {
        guard number > 0 else { return }
        uses[Int(number)] -= 1
        guard uses[Int(number)] == 0 else { return }
        numbers[texts[Int(number)]] = nil
        texts[Int(number)] = ""
        free.append(number)
    }
}

/// Looks for one text within goods; each is looked into once.
struct GoodsSearch {
    private let goods: GoodsTexts
    private let wanted: [UInt8]
    private var known: [Bool?]

    init(_ goods: GoodsTexts, _ text: String) {
        self.goods = goods
        wanted = Array(text.utf8)
        known = [Bool?](repeating: nil, count: goods.texts.count)
    }

    @inline(__always)
    mutating func contains(_ number: Int32) -> Bool {
        if let known = known[Int(number)] { return known }
        return look(number)
    }

    private mutating func look(_ number: Int32) -> Bool {
        let isThere =
            goods.texts[Int(number)].utf8.withContiguousStorageIfAvailable { text in
                wanted.withUnsafeBufferPointer { Self.isPart($0, of: text) }
            } ?? false
        known[Int(number)] = isThere
        return isThere
    }

    private static func isPart(_ wanted: UnsafeBufferPointer<UInt8>, of text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = wanted.first else { return true }
        guard text.count >= wanted.count else { return false }
        for start in 0...(text.count - wanted.count) where text[start] == first {
            var length = 1
            while length < wanted.count, text[start + length] == wanted[length] { length += 1 }
            if length == wanted.count { return true }
        }
        return false
    }
}
