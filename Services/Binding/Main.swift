@main
struct BindingMain {
    static func main() {}
}
