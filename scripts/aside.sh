# For scripts that start servers; to be sourced.

# Closes what else was inherited: who started the script may wait until nobody has it open any more.
let_go() {
    local each
    for each in /proc/"$BASHPID"/fd/*; do
        each=${each##*/}
        if [ "$each" -gt 2 ]; then eval "exec $each>&-"; fi
    done
}
