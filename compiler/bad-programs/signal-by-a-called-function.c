// expect: lower-unknown-signal 2:74
__attribute__((noinline)) static void until(SIGNAL *done) { wait_for_all(done); }
int main(void) {
  SIGNAL done;
  until(&done);
  return 0;
}
