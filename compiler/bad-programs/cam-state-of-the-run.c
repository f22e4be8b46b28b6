// expect: lower-not-constant 5:3
__emem unsigned int given;
int main(void) {
  unsigned int state = given;
  cam_write(1, 2, state);
  return 0;
}
