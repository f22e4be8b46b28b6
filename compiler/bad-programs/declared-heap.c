// expect: name-undefined 4:24
void *malloc(unsigned int octets);
int main(void) {
  char *text = (char *)malloc(40);
  return text != 0;
}
