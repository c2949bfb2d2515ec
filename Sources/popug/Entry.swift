import Composition

@main
enum Entry {
    static func main() {
        Program.run(Popug.self)
    }
}
