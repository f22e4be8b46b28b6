// expect: pp-no-such-file 2:10
#include "nowhere.h"
int main(void) {
  return 0;
}
